import { describe, expect, test } from 'vitest'
import { says } from './support/validated.ts'

const object = (apiVersion: string, kind: string, rest = '') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: web, namespace: default }\n${rest}`

describe('an API that is gone says when, and what to use', () => {
  test.each([
    ['extensions/v1beta1', 'Deployment', '1.16', 'use apiVersion: apps/v1'],
    ['extensions/v1beta1', 'Ingress', '1.22', 'use apiVersion: networking.k8s.io/v1'],
    ['apps/v1beta2', 'StatefulSet', '1.16', 'use apiVersion: apps/v1'],
    ['networking.k8s.io/v1beta1', 'Ingress', '1.22', 'use apiVersion: networking.k8s.io/v1'],
    ['rbac.authorization.k8s.io/v1beta1', 'Role', '1.22', 'use apiVersion: rbac.authorization.k8s.io/v1'],
    [
      'apiextensions.k8s.io/v1beta1',
      'CustomResourceDefinition',
      '1.22',
      'use apiVersion: apiextensions.k8s.io/v1',
    ],
    ['batch/v1beta1', 'CronJob', '1.25', 'use apiVersion: batch/v1'],
    ['policy/v1beta1', 'PodDisruptionBudget', '1.25', 'use apiVersion: policy/v1'],
    ['policy/v1beta1', 'PodSecurityPolicy', '1.25', 'pod-security.kubernetes.io/enforce'],
    ['autoscaling/v2beta2', 'HorizontalPodAutoscaler', '1.26', 'use apiVersion: autoscaling/v2'],
    [
      'flowcontrol.apiserver.k8s.io/v1beta3',
      'FlowSchema',
      '1.32',
      'use apiVersion: flowcontrol.apiserver.k8s.io/v1',
    ],
  ])('%s %s: %s', (apiVersion, kind, version, hint) => {
    const said = says(object(apiVersion, kind))
    expect(said).toMatch(/^error: web\.yaml:1:1: /)
    expect(said).toContain(`${apiVersion} ${kind} was removed in Kubernetes ${version}`)
    expect(said).toContain(hint)
  })
})

test('an API that is off by default is a warning, because the server may have it on', () => {
  const said = says(object('internal.apiserver.k8s.io/v1alpha1', 'StorageVersion'))
  expect(said).not.toContain('error')
  const preview = says(object('resource.k8s.io/v1alpha3', 'DeviceTaintRule'))
  expect(preview).toContain(
    'warning: web.yaml:1:1: DeviceTaintRule default/web: apiVersion: Kubernetes 1.36 does not serve resource.k8s.io/v1alpha3 DeviceTaintRule by default\n' +
      'hint: turn it on with --runtime-config of the API server\n',
  )
})

test('an API that is deprecated is a warning', () => {
  expect(says(object('v1', 'Endpoints'))).toBe(
    'warning: web.yaml:1:1: Endpoints default/web: apiVersion: v1 Endpoints is deprecated since Kubernetes 1.33\n' +
      'hint: use discovery.k8s.io/v1 EndpointSlice\n',
  )
})

test('a kind that a later version brings is an error in an earlier one', () => {
  const text = object('admissionregistration.k8s.io/v1', 'MutatingAdmissionPolicy', 'spec: {}\n')
  expect(says(text, { kubernetesVersion: '1.35.4' })).toContain(
    'kind: Kubernetes 1.35 has no admissionregistration.k8s.io/v1 MutatingAdmissionPolicy',
  )
  expect(says(text, { kubernetesVersion: '1.36.3' })).not.toContain('has no')
})

test('the name of a Service may begin with a digit from 1.36 on', () => {
  const text = object('v1', 'Service', 'spec: { ports: [{ port: 80 }] }\n').replace('name: web', 'name: 1web')
  expect(says(text, { kubernetesVersion: '1.35.4' })).toContain('a letter first')
  expect(says(text, { kubernetesVersion: '1.36.3' })).toBe('')
})

test.each([
  ['1.30.2', '1.34'],
  ['1.40.0', '1.36'],
])('version %s, which has no table, is checked by the nearest, %s', (kubernetesVersion, nearest) => {
  const said = says(object('v1', 'ServiceAccount'), { kubernetesVersion })
  expect(said).toContain(`are not known here: ${nearest} is checked instead`)
  expect(said).not.toContain('error')
})
