import { expect, test } from 'vitest'
import { nodeDirectories } from '../../tasks/lib/addons/persistent-directories.ts'
import { persistentObjects } from '../../tasks/lib/addons/persistent-set.ts'
import { localVolumes } from '../../tasks/lib/addons/persistent-volumes.ts'
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

test('the same configuration gives byte-identical PersistentVolumes, however often it is read', async () => {
  const once = await persistentObjects(await configOf(), packageRoot())
  const again = await persistentObjects(await configOf(), packageRoot())
  expect(JSON.stringify(again.objects.map(({ object }) => object))).toBe(
    JSON.stringify(once.objects.map(({ object }) => object)),
  )
  const ids = once.objects.map(({ object }) => object.metadata.labels?.['volume.id'])
  expect(new Set(ids).size).toBe(ids.length)
})

test('a PersistentVolume is bound to its node, is kept, and belongs to one pod at a time', async () => {
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

test('the directories of a node are made and closed by two commands', async () => {
  const { cluster } = await configOf({ POOL_NUM_SMALL: '1', POOL_NUM_MEDIUM: '1', NAMED_VOLUMES: 'share' })
  const { paths, commands } = nodeDirectories(cluster.nodes[0]!, { cluster, volumesPath: '/srv' })
  expect(paths).toEqual(['/srv/pool-s/pv-500Mi-0001', '/srv/pool-m/pv-8Gi-0001', '/srv/share'])
  expect(commands).toEqual([
    "ssh kube1 'sudo mkdir -p -- /srv/pool-s/pv-500Mi-0001 /srv/pool-m/pv-8Gi-0001 /srv/share'",
    "ssh kube1 'sudo chmod 0700 -- /srv/pool-s /srv/pool-m'",
  ])
})

test('without pools no command closes one', async () => {
  const { cluster } = await configOf({ POOL_NUM_SMALL: '0', POOL_NUM_MEDIUM: '0', NAMED_VOLUMES: 'share' })
  const { commands } = nodeDirectories(cluster.nodes[0]!, { cluster, volumesPath: '/srv' })
  expect(commands).toEqual(["ssh kube1 'sudo mkdir -p -- /srv/share'"])
})
