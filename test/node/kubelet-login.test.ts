import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownKubelet, returningKubelet } from '../../tasks/lib/node/certificates/kubelet-login.ts'
import type { Resource } from '../../tasks/lib/node/resource.ts'
import { applyResources, changesOf } from '../support/apply-resources.ts'
import { fakePrograms } from '../support/fake-kubeadm.ts'
import { makeControlPlane } from '../support/made-control-plane.ts'
import { type RelocatedMachine, relocatedMachine } from '../support/relocated-machine.ts'

/** In 2096: what was made for a month has expired by then, what was made for a hundred years has not. */
const later = `case "\${1:-}" in +%s) echo 4000000000 ;; *) exec /bin/date "$@" ;; esac\n`
const makes = `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj "/O=system:nodes/CN=system:node:made" -keyout "$root/made.key" -out "$root/made.crt" 2>/dev/null\n`

const programs = {
  ...fakePrograms,
  date: later,
  kubeadm: `${fakePrograms.kubeadm.replace(
    '  *) echo "unexpected: kubeadm',
    `  'kubeconfig user --config /dev/stdin --org system:nodes --client-name system:node:cp1')
    cat /dev/stdin >"$root/told"
    ${makes}    printf 'users:\\n- name: x\\n  user:\\n    client-certificate-data: %s\\n    client-key-data: %s\\n' "$(base64 -w0 <"$root/made.crt")" "$(base64 -w0 <"$root/made.key")" ;;
  *) echo "unexpected: kubeadm`,
  )}`,
  // A kubelet that has something to log in with gets a certificate.
  systemctl: `${fakePrograms.systemctl}
pki=$root/var/lib/kubelet/pki
case "$*" in 'restart kubelet')
  if [ -e "$root/etc/kubernetes/bootstrap-kubelet.conf" ]; then
    cp "$root/etc/kubernetes/bootstrap-kubelet.conf" "$root/logged-in-with"
    ${makes}    cat "$root/made.crt" "$root/made.key" >"$pki/fresh.pem"
    ln -sfn "$pki/fresh.pem" "$pki/kubelet-client-current.pem"
  fi ;;
esac
`,
}

function kubeletOf(name: string, days: number): RelocatedMachine {
  const machine = relocatedMachine(name, programs)
  const pki = join(machine.root, 'var/lib/kubelet/pki')
  mkdirSync(pki, { recursive: true })
  makeControlPlane(machine)
  writeFileSync(
    join(machine.root, 'etc/kubernetes/kubelet.conf'),
    'clusters:\n- cluster:\n    certificate-authority-data: Q0E=\n    server: https://10.0.0.10:8443\n',
  )
  const subject = ['-subj', `/O=system:nodes/CN=system:node:${name}`, '-days', String(days)]
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const files = ['-keyout', join(pki, 'old.key'), '-out', join(pki, 'old.pem')]
  execFileSync('openssl', [...kind, ...subject, ...files], { stdio: 'pipe' })
  symlinkSync(join(pki, 'old.pem'), join(pki, 'kubelet-client-current.pem'))
  return machine
}

const step = (machine: RelocatedMachine, resource: Resource) => [
  { name: 'kubelets', title: 'Kubelets', work: [{ machine, resources: [resource] }] },
]
const current = ({ root }: RelocatedMachine) => join(root, 'var/lib/kubelet/pki/kubelet-client-current.pem')
const configuration = "kind: ClusterConfiguration\nclusterName: it's\n"
const joining = { name: 'w1', label: 'w1', isResumed: true }

test('D07 a kubelet whose certificate is good is left alone', async () => {
  const cp1 = kubeletOf('cp1', 36_500)
  expect(await changesOf(step(cp1, ownKubelet('cp1', { configuration })))).toEqual([])
  expect(await changesOf(step(cp1, returningKubelet(joining, { issuers: [] })))).toEqual([])
})

test('D07 a control plane signs a certificate for its own kubelet, whose own has expired', async () => {
  const cp1 = kubeletOf('cp1', 30)
  expect(await applyResources(step(cp1, ownKubelet('cp1', { configuration })))).toEqual([
    'cp1: sign a new client certificate for its kubelet, whose own has expired, and start that',
  ])
  const made = readFileSync(current(cp1), 'utf8')
  expect(made).toBe(
    readFileSync(join(cp1.root, 'made.crt'), 'utf8') + readFileSync(join(cp1.root, 'made.key'), 'utf8'),
  )
  expect(realpathSync(current(cp1))).toMatch(/kubelet-client-\d{4}(-\d\d){5}\.pem$/)
  expect(readdirSync(join(cp1.root, 'var/lib/kubelet/pki'))).toContain('old.pem')
  expect(readFileSync(join(cp1.root, 'told'), 'utf8')).toBe(configuration)
  expect(readFileSync(join(cp1.root, 'log'), 'utf8')).toContain('systemctl restart kubelet\n')
  expect(await changesOf(step(cp1, ownKubelet('cp1', { configuration })))).toEqual([])
})

test('D07 another node logs in with a token, which is in no script and is gone afterwards', async () => {
  const cp1 = kubeletOf('cp1', 36_500)
  const w1 = kubeletOf('w1', 30)
  const steps = step(w1, returningKubelet(joining, { issuers: [cp1] }))
  expect(await applyResources(steps)).toEqual([
    'w1: have its kubelet log in with a token: its client certificate has expired',
  ])
  const used = readFileSync(join(w1.root, 'logged-in-with'), 'utf8')
  expect(used).toContain('user: { token: bbbbbb.0123456789abcdef }')
  expect(used).toContain('{ server: https://10.0.0.10:8443, certificate-authority-data: Q0E= }')
  expect(existsSync(join(w1.root, 'etc/kubernetes/bootstrap-kubelet.conf'))).toBe(false)
  expect(w1.scripts.join('\n')).not.toContain('bbbbbb.')
  expect(readdirSync(join(cp1.root, 'api/tokens'))).toEqual([])
  expect(await changesOf(steps)).toEqual([])
})
