import { expect, test } from 'vitest'
import { wantedDirectories } from '../../tasks/lib/addons/persistent-directories.ts'
import { rehearseDirectories } from '../../tasks/lib/addons/persistent-rehearsal.ts'
import { persistentObjects } from '../../tasks/lib/addons/persistent-set.ts'
import { localVolumes, volumesOf } from '../../tasks/lib/addons/persistent-volumes.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { loadConfig } from '../../tasks/lib/config/config.ts'
import { temporaryFolder } from '../support/cli.ts'

async function configOf(env: Record<string, string> = {}) {
  return loadConfig(temporaryFolder({ '.env': '' }), { environment: env })
}

test('each node offers 41 volumes by default: 30 small, 10 medium, one named share', async () => {
  const { cluster } = await configOf()
  const volumes = localVolumes(cluster, '/srv')
  expect(volumes).toHaveLength(3 * 41)
  const groups = volumes.filter(({ node }) => node === 'kube2').map(({ group }) => group)
  expect(groups.filter((group) => group === 'pool-s')).toHaveLength(30)
  expect(groups.filter((group) => group === 'pool-m')).toHaveLength(10)
  expect(groups.filter((group) => group === 'share')).toHaveLength(1)
})

test('a volume has the name and the path that the old toolkit gave it', async () => {
  const { cluster } = await configOf({ K8S_NODES: 'kube1.example.com', NAMED_VOLUMES: 'share media' })
  const volumes = localVolumes(cluster, '/srv')
  expect(volumes[0]).toMatchObject({
    name: 'kube1-pv-500mi-0001',
    node: 'kube1.example.com',
    group: 'pool-s',
    size: '500Mi',
    path: '/srv/pool-s/pv-500Mi-0001',
  })
  expect(volumes.at(-1)).toMatchObject({
    name: 'kube1-media',
    group: 'media',
    size: '8Gi',
    path: '/srv/media',
  })
})

test('C02 the same configuration gives byte-identical PersistentVolumes, however often it is read', async () => {
  const once = await persistentObjects(await configOf(), packageRoot())
  const again = await persistentObjects(await configOf(), packageRoot())
  expect(JSON.stringify(again.objects.map(({ object }) => object))).toBe(
    JSON.stringify(once.objects.map(({ object }) => object)),
  )
  const ids = once.objects.map(({ object }) => object.metadata.labels?.['volume.id'])
  expect(new Set(ids).size).toBe(ids.length)
})

test('C02 a PersistentVolume is bound to its node, is kept, and belongs to one pod at a time', async () => {
  const { objects, findings } = await persistentObjects(await configOf(), packageRoot())
  expect(findings).toEqual([])
  expect(objects[0]!.object).toEqual({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: 'kube1-pv-500mi-0001',
      labels: {
        'volume.group': 'pool-s',
        'volume.id': expect.stringMatching(/^[0-9a-f]{8}$/),
        'volume.node': 'kube1',
      },
    },
    spec: {
      capacity: { storage: '500Mi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: 'local-storage',
      volumeMode: 'Filesystem',
      local: { path: '/var/lib/k8s-volumes/pool-s/pv-500Mi-0001' },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['kube1'] }] },
          ],
        },
      },
    },
  })
})

test('the directories of a node are those of its volumes, with the pools closed around them', async () => {
  const { cluster } = await configOf({ POOL_NUM_SMALL: '1', POOL_NUM_MEDIUM: '1', NAMED_VOLUMES: 'share' })
  expect(wantedDirectories(volumesOf(cluster.nodes[0]!, cluster, '/srv'), '/srv')).toEqual({
    folder: '/srv',
    paths: ['/srv/pool-s/pv-500Mi-0001', '/srv/pool-m/pv-8Gi-0001', '/srv/share'],
    closed: ['/srv/pool-s', '/srv/pool-m'],
  })
})

test('a simulated node shows what would be made, and makes nothing', async () => {
  const config = await configOf()
  const { steps, findings, ask } = rehearseDirectories(config, config.cluster.nodes.slice(0, 1))
  const [change] = steps[0]!.waves[0]!.changes
  expect(change).toMatchObject({
    title: 'kube1: create 41 directories on /var/lib/k8s-volumes',
    simulated: true,
  })
  expect(change!.commands![0]).toBe('mountpoint -q /var/lib/k8s-volumes')
  expect(change!.commands!.at(-1)).toMatch(/^mkdir -p -- \/var\/lib\/k8s-volumes\/pool-s\/pv-500Mi-0001 /)
  expect(findings.at(-1)!.message).toBe('kube1 is simulated: the commands are shown, nothing is created')
  expect(ask).toBe(false)
})

test('a rehearsal shows the volumes that the configuration gives a node', async () => {
  const files = {
    'cluster.yaml':
      'nodes:\n  - name: kube1\n    roles: [control-plane, worker]\n    volumes: [{ name: data, vg: vg0, size: 100Gi, path: /var/lib/k8s-volumes }]\n',
  }
  const config = await loadConfig(temporaryFolder(files), { environment: {} })
  const [change] = rehearseDirectories(config, config.cluster.nodes).steps[0]!.waves[0]!.changes
  expect(change!.commands![1]).toContain('= /dev/mapper/luks-data')
})
