import { expect, test } from 'vitest'
import { componentArguments, componentNames } from '../../tasks/lib/sandbox/control-plane/components.ts'

const settings = {
  directory: '/state',
  ports: { api: 1, etcd: 2, etcdPeer: 3 },
  podSubnet: '10.244.0.0/16',
  serviceSubnet: '10.96.0.0/12',
}
const all = componentNames.flatMap((name) => componentArguments(name, settings))

test('every address that a program listens on is on loopback', () => {
  const addresses = all.filter((argument) => /address|urls=/.test(argument))
  expect(addresses).toEqual([
    '--listen-client-urls=https://127.0.0.1:2',
    '--advertise-client-urls=https://127.0.0.1:2',
    '--listen-peer-urls=https://127.0.0.1:3',
    '--initial-advertise-peer-urls=https://127.0.0.1:3',
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
  ])
})

test('etcd lets only holders of a certificate of this sandbox in', () => {
  const arguments_ = componentArguments('etcd', settings)
  expect(arguments_).toContain('--client-cert-auth=true')
  expect(arguments_).toContain('--peer-client-cert-auth=true')
})

test('the API server gets admission, encryption, audit and egress files, RBAC and the Node authorizer', () => {
  expect(componentArguments('kube-apiserver', settings)).toEqual(
    expect.arrayContaining([
      '--admission-control-config-file=/state/admission.json',
      '--encryption-provider-config=/state/encryption.json',
      '--audit-policy-file=/state/audit-policy.json',
      '--egress-selector-config-file=/state/egress.json',
      '--authorization-mode=Node,RBAC',
    ]),
  )
})

test('the controller-manager signs certificates and gives pods the configured subnet', () => {
  expect(componentArguments('kube-controller-manager', settings)).toEqual(
    expect.arrayContaining([
      '--leader-elect=false',
      '--cluster-signing-cert-file=/state/pki/ca.crt',
      '--cluster-signing-key-file=/state/pki/ca.key',
      '--cluster-cidr=10.244.0.0/16',
      '--service-cluster-ip-range=10.96.0.0/12',
    ]),
  )
})

test('scheduler and KWOK', () => {
  expect(componentArguments('kube-scheduler', settings)).toEqual([
    '--kubeconfig=/state/scheduler.kubeconfig',
    '--leader-elect=false',
    '--secure-port=0',
    '--profiling=false',
    '--kube-api-qps=300',
    '--kube-api-burst=600',
  ])
  expect(componentArguments('kwok', settings)).toEqual([
    '--kubeconfig=/state/kwok.kubeconfig',
    '--config=/state/stages.yaml',
    '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
    '--node-lease-duration-seconds=40',
    '-v=WARN',
  ])
})
