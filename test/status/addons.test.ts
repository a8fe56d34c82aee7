import { describe, expect, test } from 'vitest'
import { applySetId, parentName, partOfLabel } from '../../tasks/lib/api/sets/applyset.ts'
import type { Config } from '../../tasks/lib/config/model.ts'
import { addonStatuses } from '../../tasks/lib/status/addons.ts'
import { testConfig } from '../support/config.ts'
import { object } from '../support/objects.ts'
import { lists, observed } from './lists.ts'

const id = applySetId(parentName('flannel'))
const parents = new Map([[id, object('Secret', 'kube-system/metaltasks-flannel')]])

function flannel({ images = [] as string[], installed = true, enabled = true } = {}) {
  const config: Config = {
    ...testConfig('/project'),
    variables: new Map([
      ['VERSION_FLANNEL', { name: 'VERSION_FLANNEL', value: '0.28.9', origin: 'default' }],
    ]),
  }
  config.cluster.addons = { flannel: { enabled, settings: {} } }
  config.cluster.network.provider = 'flannel'
  const containers = images.map((image) => ({ image }))
  const daemonSets = images.map(() =>
    observed('DaemonSet apps/v1', 'kube-flannel/ds', {
      metadata: { labels: { [partOfLabel]: id } },
      spec: { template: { spec: { containers } } },
    }),
  )
  const all = addonStatuses(lists({ daemonSets }), { config, parents: installed ? parents : new Map() })
  return all.find(({ name }) => name === 'flannel')
}

describe('the version of an add-on', () => {
  test.each([
    ['registry:5000/flannel:v0.28.8', '0.28.8'],
    ['registry:5000/flannel:v0.28.9@sha256:abc', '0.28.9'],
    ['registry:5000/flannel@sha256:abc', 'sha256:abc'],
    ['registry:5000/flannel', 'latest'],
  ])('of image %s is %s', (image, running) => {
    expect(flannel({ images: [image] })).toMatchObject({ running, configured: '0.28.9', state: 'installed' })
  })

  test('is not that of a helper beside it', () => {
    expect(flannel({ images: ['helper:v1.9.1', 'flannel:v0.28.9'] })).toMatchObject({ running: '0.28.9' })
  })

  test('is null where nothing runs', () => {
    expect(flannel()).toMatchObject({ running: null })
  })
})

test.each([
  [{ installed: true, enabled: true }, 'installed'],
  [{ installed: false, enabled: true }, 'not installed'],
  [{ installed: true, enabled: false }, 'left over'],
  [{ installed: false, enabled: false }, 'switched off'],
])('an add-on with %o is %s', (given, state) => {
  expect(flannel(given)).toMatchObject({ state })
})
