import { expect, test } from 'vitest'
import { painter } from '../../tasks/lib/cli/terminal/colours.ts'
import type { ClusterHealth } from '../../tasks/lib/cluster/health.ts'
import type { EtcdMember, MemberAnswer } from '../../tasks/lib/node/etcd-members/member.ts'
import type { KubernetesState } from '../../tasks/lib/node/kubeadm/kubernetes-state.ts'
import { controlPlaneProblems, controlPlaneStatus } from '../../tasks/lib/status/control-plane.ts'
import { statusText } from '../../tasks/lib/status/text.ts'
import { sampleStatus } from './sample.ts'

const now = new Date('2026-11-21T12:00:00Z')
const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000)

function state(certificates: KubernetesState['certificates']): KubernetesState {
  return {
    ...{ isMember: true, isControlPlane: true, versions: {}, hasEtcdData: true, leftOvers: [], certificates },
    ...{ network: {}, files: {}, isKubeletActive: true, isRestored: false },
  }
}

const answer: MemberAnswer = {
  ...{ version: '3.6.14', bytes: 5 * 2 ** 20, hasLeader: true, isLeader: false, errors: [] },
}

function member(name: string, answers: EtcdMember['answers']): EtcdMember {
  return { id: name, name, peerUrls: [], clientUrls: [], isLearner: false, answers }
}

const health: ClusterHealth = {
  survey: {
    states: new Map([
      ['kube2', state([{ file: '/etc/kubernetes/pki/apiserver.crt', expires: inDays(300) }])],
      [
        'kube1',
        state([
          { file: '/etc/kubernetes/pki/apiserver.crt', expires: inDays(300) },
          { file: '/etc/kubernetes/admin.conf', expires: inDays(12) },
        ]),
      ],
    ]),
    unreachable: new Map(),
  },
  etcd: {
    hasQuorum: true,
    members: [
      member('kube1', [{ ...answer, isLeader: true, errors: ['NOSPACE'] }]),
      member('kube2', [undefined, answer]),
      member('kube3', [undefined]),
    ],
  },
  backups: new Map([
    ['kube1', { good: { time: inDays(-1), set: 'x' }, places: [], isScheduled: true, next: inDays(1) }],
    [
      'kube2',
      {
        bad: { since: inDays(-60), time: inDays(-1), reason: 'no space left' },
        ...{ places: [], isScheduled: true },
      },
    ],
  ]),
  findings: [],
}

test('the status names the certificate of each machine that ends first, members of etcd and backups', () => {
  const status = { ...sampleStatus({ simulated: false }), controlPlane: controlPlaneStatus(health, now) }
  const text = statusText(status, painter(false))
  expect(text).toContain(`
etcd
  kube1  healthy   leader  3.6.14  5 MiB
  kube2  unsteady  member  3.6.14  5 MiB
  kube3  gone      member          0 B
`)
  expect(text).toContain(`
Backups
  kube1  last good 2026-11-20 12:00  next 2026-11-22 12:00
  kube2  no good one yet                                    backups fail since 2026-09-22, there is no good one: no space left
`)
  expect(text).toContain(`
Certificates
  kube1  until 2026-12-03  12 days   /etc/kubernetes/admin.conf
  kube2  until 2027-09-17  300 days  /etc/kubernetes/pki/apiserver.crt
`)
})

test('G03 the status tells of members that do not answer, certificates that end and backups that fail', () => {
  expect(controlPlaneProblems({ controlPlane: controlPlaneStatus(health, now) })).toEqual([
    'etcd member kube2 is unsteady: tasks etcd:members',
    'etcd member kube3 is gone: tasks etcd:members',
    'etcd member kube1: NOSPACE',
    'kube1: /etc/kubernetes/admin.conf ends in 12 days: tasks certs:renew',
    'kube2: backups fail since 2026-09-22, there is no good one: no space left',
  ])
  expect(controlPlaneProblems({ controlPlane: null })).toEqual([])
})
