import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EtcdScene } from '../../tasks/lib/cluster/external-etcd/hosts.ts'
import { etcdMembersWork, externalEtcdWork } from '../../tasks/lib/cluster/external-etcd/work.ts'
import type { ClusterNode, Role } from '../../tasks/lib/config/model.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import type { NodeStep } from '../../tasks/lib/node/plan/plan-nodes.ts'
import { createAgeKey } from '../../tasks/lib/secrets/keys/age/create.ts'
import { createKeyring } from '../../tasks/lib/secrets/keys/keyring.ts'
import { secretProject } from '../../tasks/lib/secrets/project.ts'
import { testConfig } from './config.ts'
import type { EtcdHost } from './etcd-hosts.ts'

/** A project about hosts of etcd; the one named cp1 is a control plane. */
export interface HostsProject {
  root: string
  /** The two lines of the recipe, planned anew. */
  steps(options?: { now?: Date; machineOf?(host: EtcdHost): Machine }): Promise<NodeStep[]>
  close(): void
}

export async function hostsProject(hosts: EtcdHost[]): Promise<HostsProject> {
  const root = mkdtempSync(join(tmpdir(), 'metaltasks-etcd-project-'))
  const { recipient, identity } = await createAgeKey()
  const rule = `{path_regex: ^secrets/, encrypted_regex: ^(data|stringData)$, age: ${recipient}}`
  writeFileSync(join(root, '.sops.yaml'), `creation_rules: [${rule}]\n`)
  const project = secretProject({ root, output: { findings: () => {} } })
  const keyring = createKeyring({ environment: { SOPS_AGE_KEY: identity }, publicKeys: [] })
  const nodes = hosts.map(({ name, address }) => nodeOf({ name, address }))
  return {
    root,
    async steps({ now = new Date(), machineOf = (host: EtcdHost) => host.machine } = {}) {
      const scene: EtcdScene = {
        config: testConfig(root, { name: 'home', nodes }),
        machines: { of: ({ name }) => machineOf(hosts.find((host) => host.name === name)!) },
        nodes,
        survey: { states: new Map(), unreachable: new Map() },
        project: { ...project, keyring },
        now,
        signal: new AbortController().signal,
      }
      return [
        { name: 'external-etcd', title: 'etcd', work: await externalEtcdWork(scene) },
        { name: 'etcd-members', title: 'members', work: await etcdMembersWork(scene) },
      ]
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  }
}

function nodeOf({ name, address }: { name: string; address: string }): ClusterNode {
  const roles: Role[] = name === 'cp1' ? ['control-plane'] : ['etcd']
  return { name, address, roles, labels: {}, taints: [], volumes: [] }
}
