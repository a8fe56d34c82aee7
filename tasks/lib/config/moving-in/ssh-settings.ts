import type { Finding } from '../../cli/errors.ts'
import { type FormatName, formatNamed } from '../variables/formats.ts'
import type { AnsibleConfiguration } from './ansible/ansible.ts'
import type { HostScope } from './ansible/host-scope.ts'
import type { OldNode, OldSsh } from './old-cluster.ts'
import { leave, type Taken, takeText, type Wanted } from './reading.ts'

/** How one host is reached. */
type Reached = Pick<OldNode, 'address' | 'user' | 'port'>

interface At {
  scope: HostScope
  findings: Finding[]
}

/** Address, user and port of one host. */
export function readReached({ scope, findings }: At): Reached {
  const take = (names: string[], format?: FormatName) => takeFirst(names, { scope, findings, format })
  const host = take(['ansible_host', 'ansible_ssh_host'])
  const address = host && formatNamed('ip').accepts(host.value) ? host : undefined
  if (host && !address && host.value !== scope.host) reportOtherName(host, { scope, findings })
  const user = take(['ansible_user', 'ansible_ssh_user'], 'account')
  const port = take(['ansible_port', 'ansible_ssh_port'], 'integer')
  return { ...(address && { address }), ...(user && { user }), ...(port && { port }) }
}

/** What all hosts have in common goes to the cluster, and away from the nodes. */
export function readSsh(
  nodes: OldNode[],
  {
    scopes,
    configuration,
    findings,
  }: { scopes: HostScope[]; configuration: AnsibleConfiguration; findings: Finding[] },
): OldSsh {
  const fromFile = (key: string) => configured(configuration, key)
  const user = common(nodes, 'user') ?? fromFile('defaults.remote_user')
  const port = common(nodes, 'port') ?? fromFile('defaults.remote_port')
  for (const node of nodes) {
    if (node.user?.value === user?.value) delete node.user
    if (node.port?.value === port?.value) delete node.port
  }
  const identities = scopes.map((scope) =>
    takeFirst(['ansible_ssh_private_key_file', 'ansible_private_key_file'], { scope, findings }),
  )
  const identity =
    onlyOne(identities, { name: 'ansible_ssh_private_key_file', findings }) ??
    fromFile('defaults.private_key_file')
  const bastions = scopes.map((scope) => readBastion({ scope, findings }))
  const bastion =
    onlyOne(bastions, { name: 'the host to go through', findings }) ??
    jumpOf(fromFile('ssh_connection.ssh_args'))
  return {
    ...(user && { user }),
    ...(port && { port }),
    ...(identity && { identity }),
    ...(bastion && { bastion }),
  }
}

function readBastion({ scope, findings }: At): Taken | undefined {
  const names = ['ansible_ssh_common_args', 'ansible_ssh_extra_args']
  return names
    .map((name) => {
      const args = takeFirst([name], { scope, findings })
      const jump = jumpOf(args)
      const wanted = { name, hint: 'write what counts of it into ~/.ssh/config', findings }
      if (args && !jump) leave(scope.variable(name)!.place, 'has SSH options that are not taken over', wanted)
      return jump
    })
    .find(Boolean)
}

function jumpOf(args: Taken | undefined): Taken | undefined {
  const jump = /(?:-J\s*|ProxyJump[= ])["']?([^\s"',]+)/.exec(args?.value ?? '')?.[1]
  return jump && formatNamed('sshHost').accepts(jump) ? { value: jump, from: args!.from } : undefined
}

function takeFirst(
  names: string[],
  { scope, findings, format }: At & { format?: FormatName },
): Taken | undefined {
  const values = names.map((name) => {
    const wanted: Wanted = { name, format, hint: `write it into cluster.yaml, at ${scope.host}`, findings }
    return takeText(scope.variable(name), scope, wanted)
  })
  return values.find(Boolean)
}

function reportOtherName(host: Taken, { scope, findings }: At): void {
  const place = scope.variable('ansible_host')?.place ?? {}
  const message = `${scope.host} is reached as ${host.value}, which is no address`
  const hint = `write its address into cluster.yaml, or "Host ${scope.host}" with HostName into ~/.ssh/config`
  findings.push({ severity: 'warning', ...place, message, hint })
}

function common(nodes: OldNode[], key: 'user' | 'port'): Taken | undefined {
  const [first] = nodes
  return first?.[key] && nodes.every((node) => node[key]?.value === first[key]!.value)
    ? first[key]
    : undefined
}

function onlyOne(
  values: (Taken | undefined)[],
  about: { name: string; findings: Finding[] },
): Taken | undefined {
  const given = values.flatMap((value) => value ?? [])
  const [first] = given
  if (given.every(({ value }) => value === first!.value)) return first
  const message = `${about.name} differs from host to host, and cluster.yaml has one for all: ${first!.value} is taken`
  const hint = 'write the others into ~/.ssh/config'
  about.findings.push({ severity: 'warning', message: `${message} (${first!.from})`, hint })
  return first
}

function configured(configuration: AnsibleConfiguration, key: string): Taken | undefined {
  const found = configuration.get(key)
  return found && { value: found.text, from: `ansible/ansible.cfg:${found.line}` }
}
