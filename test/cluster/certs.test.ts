import { describe, expect, test } from 'vitest'
import { certificateRows, certificateTable } from '../../tasks/lib/cluster/certs/certificate-rows.ts'
import type { KubernetesState } from '../../tasks/lib/node/kubeadm/kubernetes-state.ts'

const now = new Date('2026-11-21T12:00:00Z')

function survey(files: Record<string, string>) {
  const certificates = Object.entries(files).map(([file, until]) => ({ file, expires: new Date(until) }))
  return { states: new Map([['cp1', { certificates } as KubernetesState]]) }
}

describe('certs', () => {
  test('D07 shows what ends first on top, how it stands and who renews it', () => {
    const rows = certificateRows(
      survey({
        '/etc/kubernetes/pki/ca.crt': '2036-11-01T00:00:00Z',
        '/etc/kubernetes/pki/etcd/ca.crt': '2036-11-01T00:00:00Z',
        '/etc/kubernetes/pki/apiserver.crt': '2026-12-01T00:00:00Z',
        '/etc/kubernetes/admin.conf': '2026-11-20T12:00:00Z',
        '/etc/kubernetes/pki/etcd-external/client.crt': '2027-06-01T00:00:00Z',
        '/var/lib/kubelet/pki/kubelet-client-current.pem': '2027-10-01T00:00:00Z',
      }),
      { now, withinDays: 30 },
    )
    expect(certificateTable(rows)).toMatchInlineSnapshot(`
      "NODE  CERTIFICATE                                      UNTIL       DAYS  STATE      RENEWED BY
      cp1   /etc/kubernetes/admin.conf                       2026-11-20  -1    expired    tasks certs:renew
      cp1   /etc/kubernetes/pki/apiserver.crt                2026-12-01  9     ends soon  tasks certs:renew
      cp1   /etc/kubernetes/pki/etcd-external/client.crt     2027-06-01  191   good       tasks install
      cp1   /var/lib/kubelet/pki/kubelet-client-current.pem  2027-10-01  313   good       the kubelet
      cp1   /etc/kubernetes/pki/ca.crt                       2036-11-01  3632  good       nobody
      cp1   /etc/kubernetes/pki/etcd/ca.crt                  2036-11-01  3632  good       nobody
      "
    `)
  })

  test('counts what ends on the last day as ending soon, and nothing later', () => {
    const stateAt = (until: string) =>
      certificateRows(survey({ '/etc/kubernetes/admin.conf': until }), { now, withinDays: 30 })[0]!.state
    expect(stateAt('2026-11-21T12:00:00Z')).toBe('expired')
    expect(stateAt('2026-12-21T11:59:59Z')).toBe('ends soon')
    expect(stateAt('2026-12-21T12:00:00Z')).toBe('good')
  })
})
