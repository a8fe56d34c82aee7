import { expect, test } from 'vitest'
import {
  applySetId,
  contentsOf,
  isOurs,
  parentObject,
  sameContents,
  unionOfContents,
} from '../../tasks/lib/api/sets/applyset.ts'
import { contentsOfObjects } from '../../tasks/lib/api/sets/contents.ts'
import { hasFinished } from '../../tasks/lib/api/sets/finished-jobs.ts'
import { object } from '../support/objects.ts'

const app = object('Deployment apps/v1', 'web/app')
const conf = object('ConfigMap', 'tools/conf')
const role = object('ClusterRole rbac.authorization.k8s.io/v1', 'reader')

test('a set is recorded in a Secret that names its kinds, its namespaces and where it is from', () => {
  const contents = contentsOfObjects([app, conf, role])
  expect(parentObject('web', { source: 'manifests/web.yaml', contents })).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'metaltasks-web',
      namespace: 'kube-system',
      labels: { 'applyset.kubernetes.io/id': applySetId('metaltasks-web') },
      annotations: {
        'applyset.kubernetes.io/tooling': 'metaltasks/v1',
        'applyset.kubernetes.io/contains-group-kinds':
          'ClusterRole.rbac.authorization.k8s.io,ConfigMap,Deployment.apps',
        'applyset.kubernetes.io/additional-namespaces': 'tools,web',
        'metaltasks/source': 'manifests/web.yaml',
      },
    },
    type: 'metaltasks/set',
  })
})

test('what a record says is read back as it was written', () => {
  const contents = contentsOfObjects([
    app,
    conf,
    object('Job batch/v1', 'web/setup', { spec: { ttlSecondsAfterFinished: 0 } }),
  ])
  const parent = parentObject('web', { source: 'x', contents })
  expect(sameContents(contentsOf(parent), contents)).toBe(true)
  expect(isOurs(parent)).toBe(true)
})

test('a record of another tool is not ours', () => {
  const annotations = { 'applyset.kubernetes.io/tooling': 'kubectl/v1.36' }
  expect(isOurs(object('Secret', 'kube-system/metaltasks-web', { metadata: { annotations } }))).toBe(false)
})

test('while a set changes, its record names what it held and what it will hold', () => {
  const both = unionOfContents(contentsOfObjects([app]), contentsOfObjects([conf]))
  expect([...both.groupKinds].sort()).toEqual(['ConfigMap', 'Deployment.apps'])
  expect([...both.namespaces].sort()).toEqual(['tools', 'web'])
})

test('a Job that went away when it was done counts as done until it changes', () => {
  const job = object('Job batch/v1', 'web/setup', { spec: { ttlSecondsAfterFinished: 0, template: 'a' } })
  const recorded = contentsOfObjects([job])
  expect(hasFinished(job, recorded)).toBe(true)
  expect(hasFinished({ ...job, spec: { ttlSecondsAfterFinished: 0, template: 'b' } }, recorded)).toBe(false)
  expect(hasFinished(job, undefined)).toBe(false)
  expect(hasFinished(object('Job batch/v1', 'web/setup', { spec: {} }), recorded)).toBe(false)
})
