import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { renewedCertificates } from '../../tasks/lib/node/certificates/renewal.ts'
import { restartCommands } from '../../tasks/lib/node/certificates/restart-static-pod.ts'
import { createCertificates } from '../../tasks/lib/sandbox/control-plane/certificates.ts'

const day = 86_400_000
// Ten years from now.
const { apiServer } = await createCertificates('10.96.0.1')
const pem = Buffer.from(apiServer.certificate).toString('base64')
const started = 2_000_000_000

interface Machine {
  written?: Record<string, number>
  started?: Partial<Record<string, number>>
}

const files = {
  '/etc/kubernetes/pki/etcd/server.crt': 'etcd',
  '/etc/kubernetes/pki/apiserver.crt': 'kube-apiserver',
  '/etc/kubernetes/controller-manager.conf': 'kube-controller-manager',
  '/etc/kubernetes/scheduler.conf': 'kube-scheduler',
  '/etc/kubernetes/admin.conf': undefined,
}

/** What a control plane answers whose programs all started an hour after their certificates were written. */
function answer({ written = {}, started: since = {} }: Machine = {}) {
  const now = started + 3600
  const lines = [
    ...Object.keys(files).map((file) => `file ${file} ${written[file] ?? started - 3600} ${pem}`),
    ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) => {
      const at = name in since ? since[name] : started
      return `started ${name} ${at === undefined ? '' : String(now - at).padStart(7)}`
    }),
    `now ${now}`,
  ]
  return { stdout: `${lines.join('\n')}\n`, stderr: '', exitCode: 0 }
}

function planned(machine: Machine, { days = 30 }: { days?: number } = {}): string[] {
  const before = new Date(Date.now() + days * day)
  const { plan } = renewedCertificates({ node: 'cp1', before, isExpired: false, configuration: '' })
  return plan(answer(machine)).actions.map(({ title }) => title)
}

const restart = (name: string) => `start ${name} anew, with the certificates that are there`
const all = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map(restart)

describe('certificates of a control plane', () => {
  test('that last long enough are left alone', () => {
    expect(planned({})).toEqual([])
  })

  test('D07 that end soon are given anew, and the four static pods start anew, etcd first', () => {
    expect(planned({}, { days: 4000 })).toEqual(['give 5 certificates anew', ...all])
  })

  test('D07 that were given anew by a run that was killed then still have their programs started', () => {
    const renewed = Object.fromEntries(Object.keys(files).map((file) => [file, started + 60]))
    expect(planned({ written: renewed })).toEqual(all)
    const since = { etcd: started + 120, 'kube-apiserver': started + 120 }
    expect(planned({ written: renewed, started: since })).toEqual(all.slice(2))
  })

  test('D07 that have expired are given anew with the configuration of the project: none can be read in the cluster', () => {
    const before = new Date(Date.now() + 4000 * day)
    const options = { node: 'cp1', before, configuration: 'kind: ClusterConfiguration\n' }
    const commands = (isExpired: boolean) =>
      renewedCertificates({ ...options, isExpired }).plan(answer()).actions[0]!.commands
    expect(commands(true)).toEqual([
      "printf %s 'kind: ClusterConfiguration\n' | kubeadm certs renew all --config /dev/stdin",
      'sync',
    ])
    expect(commands(false)).toEqual(['kubeadm certs renew all', 'sync'])
  })

  test('have a program that does not run started, too', () => {
    expect(planned({ started: { 'kube-scheduler': undefined } })).toEqual([restart('kube-scheduler')])
  })

  test('that cannot be read stop everything', () => {
    const { plan } = renewedCertificates({
      node: 'cp1',
      before: new Date(),
      isExpired: false,
      configuration: '',
    })
    const stdout = 'file /etc/kubernetes/pki/apiserver.crt 5 bm9uZQ==\nnow 12\n'
    expect(() => plan({ stdout, stderr: '', exitCode: 0 })).toThrow(
      '/etc/kubernetes/pki/apiserver.crt cannot be read as a certificate',
    )
    expect(() => plan({ stdout: '', stderr: '', exitCode: 0 })).toThrow('its certificates cannot be told')
  })
})

describe('starting a static pod anew', () => {
  test('D07 ends its container, and waits until another one runs and is ready', () => {
    const commands = restartCommands({ component: 'kube-apiserver', node: 'cp1', waitsForReady: true })
    expect(commands.slice(1).join('\n')).toMatchInlineSnapshot(`
      "old=$(crictl --runtime-endpoint unix:///run/containerd/containerd.sock ps --quiet --state running --name '^kube-apiserver$')
      if [ -n "$old" ]; then crictl --runtime-endpoint unix:///run/containerd/containerd.sock --timeout 120s stop --timeout 30 $old || true; fi
      tries=0
      until new=$(crictl --runtime-endpoint unix:///run/containerd/containerd.sock ps --quiet --state running --name '^kube-apiserver$') && [ -n "$new" ] && [ "$new" != "$old" ]
      do tries=$((tries + 1)); if [ "$tries" -gt 150 ]; then echo 'kube-apiserver is not started again' >&2; exit 1; fi; sleep 2
      done
      tries=0
      until [ "$(api -n kube-system get pods -l component=kube-apiserver --field-selector spec.nodeName=cp1 -o 'jsonpath={.items[*].status.containerStatuses[*].containerID} {.items[*].status.containerStatuses[*].ready}' 2>/dev/null)" = "containerd://$new true" ]
      do tries=$((tries + 1)); if [ "$tries" -gt 150 ]; then echo 'kube-apiserver is not ready' >&2; exit 1; fi; sleep 2
      done"
    `)
  })

  test('D07 for its certificates alone ends none that was started after they were written', () => {
    const options = { component: 'kube-scheduler', node: 'cp1', waitsForReady: true } as const
    const [, , youth] = restartCommands({ ...options, forCertificates: true })
    const said = (age: string) => {
      const machine = `stat() { echo 400; }; date() { echo 1000; }; ps() { echo '${age}'; }`
      return execFileSync('sh', ['-euc', `${machine}; old=running; ${youth}; echo "[$old]"`], {
        encoding: 'utf8',
      })
    }
    expect(said('   500')).toBe('[]\n')
    expect(said('   700')).toBe('[running]\n')
    expect(said('')).toBe('[running]\n')
  })

  test('leaves etcd alone while another member is not well', () => {
    const [, guard] = restartCommands({ component: 'etcd', node: 'cp1', waitsForReady: true })
    expect(guard).toContain('etcd endpoint health --cluster')
  })

  test('waits for no readiness where certificates have expired already: the other machines come first', () => {
    const commands = restartCommands({ component: 'etcd', node: 'cp1', waitsForReady: false })
    expect(commands.slice(1).join('\n')).not.toMatch(/api |etcd endpoint/)
  })
})
