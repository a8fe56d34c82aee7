import { expect, test } from 'vitest'
import { asTheyAre } from '../../tasks/lib/addons/persistent-live.ts'
import { inManifest, object } from '../support/objects.ts'

const wanted = (name: string) =>
  inManifest(
    object('PersistentVolume v1', name, {
      metadata: { labels: { 'volume.group': 'pool-s', 'volume.id': '0123abcd', 'volume.node': 'kube1' } },
      spec: {
        capacity: { storage: '500Mi' },
        accessModes: ['ReadWriteOnce'],
        persistentVolumeReclaimPolicy: 'Retain',
      },
    }),
  )

function cluster(...items: object[]) {
  const client = { discovery: async () => ({ find: () => ({}) }), list: async () => ({ items }) }
  return { client, signal: new AbortController().signal } as unknown as Parameters<typeof asTheyAre>[1]
}

test('C02 a PersistentVolume of an old toolkit keeps its random id, its modes and its claim, and is never reclaimed', async () => {
  const old = object('PersistentVolume v1', 'kube1-pv-500mi-0001', {
    metadata: { labels: { 'volume.group': 'pool-s', 'volume.id': 'f00dcafe', own: 'label' } },
    spec: {
      capacity: { storage: '500Mi' },
      accessModes: ['ReadWriteMany'],
      persistentVolumeReclaimPolicy: 'Recycle',
      claimRef: { name: 'data' },
      local: { path: '/var/lib/docker/k8s-volumes/pool-s/pv-500Mi-0001' },
    },
  })
  const set = { name: 'persistent', title: '', source: '', objects: [wanted('kube1-pv-500mi-0001')] }
  const [entry] = (await asTheyAre(set, cluster(old))).objects
  expect(entry!.object.metadata.labels).toEqual({ 'volume.group': 'pool-s', 'volume.id': 'f00dcafe' })
  expect(entry!.object.spec).toEqual({
    capacity: { storage: '500Mi' },
    accessModes: ['ReadWriteMany'],
    persistentVolumeReclaimPolicy: 'Retain',
    local: { path: '/var/lib/docker/k8s-volumes/pool-s/pv-500Mi-0001' },
  })
})

test('volumes that are new or of our own ids are as the configuration says', async () => {
  const own = wanted('kube1-pv-500mi-0002')
  const set = { name: 'persistent', title: '', source: '', objects: [wanted('kube1-pv-500mi-0001'), own] }
  expect((await asTheyAre(set, cluster(own.object))).objects).toEqual(set.objects)
})
