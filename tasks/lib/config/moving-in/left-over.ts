import type { Finding, Place } from '../../cli/errors.ts'
import { placeText } from '../../cli/errors.ts'
import { didYouMean } from '../../cli/suggest.ts'
import { isSecretName } from '../variables/variable-table.ts'
import { groupsOfHost } from './ansible/inventory.ts'
import type { Placed } from './ansible/placed.ts'
import type { VariableFile } from './ansible/variable-files.ts'
import type { OldToolkit } from './reading.ts'

/** What Ansible itself is told, and SSH does not need. */
const ofAnsible =
  /^ansible_(python_interpreter|connection|become|become_method|become_user|shell_type|ssh_pipelining|pipelining|group_priority|managed)$/

const hints: Readonly<Record<string, string>> = {
  network_mounts:
    'mounts outside of the cluster stay in /etc/fstab; for pods, write an NFS volume into volumes/',
  local_volumes: 'unencrypted mounts stay in /etc/fstab as they are',
  swap_vol: 'nodes run without swap: tasks node:prepare switches it off',
  swap_vol_additions: 'nodes run without swap: tasks node:prepare switches it off',
  cifs_credentials: 'mounts outside of the cluster stay as they are',
}
const usualHint = 'nothing in cluster.yaml says the same: what it sets up stays as it is on the machines'

/** A finding for each variable about a node that nobody asked for: nothing of the old files is dropped in silence. */
export function leftOver(
  { ansible }: OldToolkit,
  { hosts, asked }: { hosts: string[]; asked: ReadonlySet<string> },
): Finding[] {
  const groups = ['all', ...new Set(hosts.flatMap((host) => groupsOfHost(ansible.inventory, host)))]
  const inInventory = [
    ...groups.map((group) => ansible.inventory.groups.get(group)!.variables),
    ...hosts.flatMap((host) => ansible.inventory.hosts.get(host)?.variables ?? []),
  ]
  const inFiles = [
    ...ansible.groupFiles.filter(({ subject }) => groups.includes(subject)),
    ...ansible.hostFiles.filter(({ subject }) => hosts.includes(subject)),
    ...ansible.playbookVariables,
  ].map(({ settings }) => settings)
  const entries = [...inInventory, ...inFiles].flatMap((settings) => [...settings])
  const stray = entries.filter(([name, value]) => !asked.has(name) && !isEmpty(value))
  return [
    ...stray.filter(([name]) => !ofAnsible.test(name)).map(leftFinding),
    ...ansibleNote(stray.filter(([name]) => ofAnsible.test(name))),
    ...strayFiles(ansible.groupFiles, { kind: 'group', known: [...ansible.inventory.groups.keys()] }),
    ...strayFiles(ansible.hostFiles, { kind: 'host', known: [...ansible.inventory.hosts.keys()] }),
  ]
}

function isEmpty({ content, isVault }: Placed): boolean {
  const size = content instanceof Map ? content.size : Array.isArray(content) ? content.length : undefined
  return !isVault && (content === null || content === '' || size === 0)
}

function leftFinding([name, { place, content, isVault }]: [string, Placed]): Finding {
  const secret = 'put it into a secret file: tasks secrets:new'
  if (isVault) return at(place, `${name} is encrypted with ansible-vault: it is not taken over`, secret)
  if (/^ansible_.*pass(word)?$/.test(name)) {
    const hint = 'metaltasks logs in with keys; sudo without a password, or it asks you'
    return at(place, `${name} is a password in plain text: it is not taken over`, hint)
  }
  if (isSecretName(name) || name.startsWith('vault_')) {
    const isElsewhere = typeof content === 'string' && /\{\{/.test(content)
    return at(
      place,
      `${name} ${isElsewhere ? 'holds a secret' : 'is a secret in plain text'}: it is not taken over`,
      secret,
    )
  }
  return at(place, `${name} is not taken over`, hints[name] ?? usualHint)
}

function at(place: Place, message: string, hint: string): Finding {
  return { severity: 'warning', ...place, message, hint }
}

function ansibleNote(entries: [string, Placed][]): Finding[] {
  if (entries.length === 0) return []
  const said = [...new Set(entries.map(([name, { place }]) => `${name} (${placeText(place)})`))]
  const message = `only Ansible needs ${said.join(', ')}`
  return [{ severity: 'note', message, hint: 'nothing to do: metaltasks runs no Python on the machines' }]
}

// Ansible passes over a file that is named after no group: its values never counted.
function strayFiles(files: VariableFile[], { kind, known }: { kind: string; known: string[] }): Finding[] {
  return files.flatMap(({ subject, path, settings }) => {
    if (known.includes(subject) || settings.size === 0) return []
    const message = `no ${kind} is named ${subject}: Ansible passes over this file, and so is it here`
    const hint =
      didYouMean(subject, known) ?? `rename the file after one of ${known.join(', ')}, or remove it`
    return [{ severity: 'warning', file: path, message, hint }]
  })
}
