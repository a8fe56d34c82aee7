import type { Check, ChecksSubject } from './checks-page.ts'

/** What clusters promise, by number; tests of a promise begin with its number. */
const clusterChecks: readonly Check[] = [
  check('D01', 'Every supported configuration is valid v1beta4, and each file it names is mounted'),
  check('D02', 'A join pins the certificate authority; its token lives 15 minutes and is deleted after use'),
  check('D03', 'A control plane whose /etc/kubernetes is not mounted is neither reset nor initialised'),
  check('D04', 'A reset is refused below mounted data, for etcd elsewhere, and without the typed name'),
  check('D05', 'Encryption, admission and audit files are the same on all control planes before one joins'),
  check(
    'D06',
    'Two minor versions at once are refused; first control plane, the others, workers, with gates',
  ),
  check('D07', 'Certificates that end within 30 days are told of and renewed, one machine at a time'),
  check(
    'E01',
    'HAProxy and keepalived accept their files; password of 8 characters, unique router id, own port',
  ),
  check('E02', 'The address moves within 10 s when its holder loses power, and stays when it returns'),
  check('E03', 'kube-vip uses super-admin.conf until init has ended, and never after'),
  check('F01', 'No key or a sample key: an error; Secrets are encrypted with secretbox, the file is 0600'),
  check('F02', 'Rotation killed at any step leaves every Secret readable; the old key goes last'),
  check('F03', 'A hostPath pod is refused in a fresh namespace, and the listed add-ons still start'),
  check('G01', 'A snapshot with one flipped byte does not count as a backup'),
  check('G02', 'A backup alone restores a cluster on empty machines: same UID, keys, readable Secrets'),
  check('G03', 'Backups that fail for 60 days: the newest good ones stay, and an alarm is shown'),
  check('G04', 'With one of three members down the removal of a second is refused, with the sum'),
  check(
    'G05',
    'A wiped member is removed, added as learner, started and promoted; a kill in between is mended',
  ),
  check('G06', 'A restore renames the data that is there and deletes none'),
  check('H01', 'A rebuilt node keeps its volumes where their LUKS UUID matches, and asks by name otherwise'),
  check('H02', 'A replaced machine of the same address fails on its host key, then on its stale member'),
  check('H03', 'A second operator stops at the lock; a dead run’s lock ends after 30 s'),
  check('I01', 'kube-bench: all automated items pass or are on the list of waivers with reasons'),
  check('I02', 'Fifty hosts are checked again in three round trips each, ten times faster than Ansible'),
]

/** docs/checks-cluster.md */
export const clusterSubject: ChecksSubject = {
  title: 'Checks of clusters',
  checks: clusterChecks,
  notes: [
    'Tests below test/lab run on machines of their own with the real kubeadm, kubelet, containerd and etcd; those below test/e2e\n' +
      'against a real API server; the others with real etcd, kubeadm, HAProxy and keepalived where they name them.',
  ],
}

function check(number: string, promise: string): Check {
  return { number, promise }
}
