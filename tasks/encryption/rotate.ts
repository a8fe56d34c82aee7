import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'cluster',
  summary: 'give the cluster a new key for Secrets in etcd, and end with that key alone',
  description:
    'In the order that orphans no Secret: the new key is kept in secrets/cluster/encryption.yaml, every API server reads ' +
    'with it, then writes with it, every Secret is written again, etcd is searched for any that still needs the old key, ' +
    'and only then the old key goes. Before each step every API server must say that it works with the file of the step ' +
    'before; they look at it once a minute, so all of it takes some minutes. Killed anywhere, the next run goes on from ' +
    'there. Backups taken before hold the old key themselves.',
  examples: [
    ['tasks encryption:rotate', 'a new key, or the rest of what a killed run began'],
    ['tasks encryption:rotate --dry-run', 'every step, and nothing is changed'],
  ],
  async plan(context) {
    const { clusterPlan, openClusterScene } = await import('../lib/cluster/cluster.ts')
    const { encryptionServers } = await import('../lib/cluster/encryption/servers.ts')
    const { planKeyRotation } = await import('../lib/cluster/encryption/rotation.ts')
    const { encryptionKeys } = await import('../lib/cluster/material.ts')
    const { refuseSimulated } = await import('../lib/cluster/life/real-machines.ts')
    const scene = await openClusterScene(context)
    refuseSimulated(scene)
    const servers = encryptionServers(scene)
    const keys = encryptionKeys(scene.project, scene)
    const planned = await planKeyRotation({ ...scene, servers, keys })
    const machines = servers.map(({ machine }) => machine)
    const next = 'git add secrets/cluster && git commit'
    return clusterPlan({ ...planned, next }, { scene, command: 'tasks encryption:rotate', machines })
  },
})
