import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { sharesText, timeShares } from '../../scripts/time-shares.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { temporaryFolder } from '../support/cli.ts'

const change = (step: string, title: string, [after, seconds]: [number, number] | [] = []) => ({
  ...{ step, title, after, seconds, target: title },
  ...{ action: 'run' as const, result: 'done' as const },
})

test('each moment of a run counts once, for what it was spent on; what nothing else has is ours', () => {
  const shares = timeShares({
    seconds: 100,
    verification: { seconds: 10 },
    changes: [
      change('node-prepare', 'kube1: install conntrack, socat', [3, 5]),
      change('node-prepare', 'kube1: create /etc/sysctl.d/99-tasks.conf', [4, 1]),
      change('volumes', 'kube1: format logical volume vg0/data with LUKS', [9, 4]),
      change('node-software', 'kube1: install containerd 2.3.4', [13, 20]),
      change('node-software', 'kube2: install containerd 2.3.4', [15, 20]),
      change('node-software', 'kube1: enable and start containerd.service', [35, 2]),
      change('node-images', 'kube1: send image pause', [37, 4]),
      change('cluster-init', 'kube1: start the control plane', [41, 40]),
      change('serving-certificates', 'kube1: wait for the serving certificate of the kubelet', [81, 9]),
      change('flannel', 'create Namespace kube-flannel'),
    ],
  })
  expect(Object.fromEntries(shares)).toEqual({
    kubeadm: 40,
    copies: 26,
    packages: 5,
    cryptsetup: 4,
    'waits for readiness': 21,
    'all else': 4,
  })
  expect(sharesText(shares).split('\n').at(-1)).toBe('all else                  4.0 s   4.0 %')
})

const tsx = import.meta.resolve('tsx')
const usage = 'tasks install --yes --json >report.json; npx tsx scripts/time-shares.ts report.json'

test.each([
  ['no file', [], 64, `what an install spends its time on: ${usage}\n`],
  [
    'a file that is not there',
    ['none.json'],
    66,
    /^error: none.json cannot be read: ENOENT.*\nhint: tasks install/,
  ],
  ['a plan', ['plan.json'], 66, `error: plan.json holds no report of an install\nhint: ${usage}\n`],
  ['words', ['words.txt'], 66, /^error: words.txt holds no report of an install\n/],
  ['nothing', ['null.json'], 66, /^error: null.json holds no report of an install\n/],
] as const)('given %s it says what it takes', (_what, words, exitCode, said) => {
  const cwd = temporaryFolder({
    'plan.json': '{"changes":[]}',
    'words.txt': '==> Finished',
    'null.json': 'null',
  })
  const script = join(packageRoot(), 'scripts/time-shares.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', tsx, script, ...words], {
    ...{ cwd, encoding: 'utf8' },
  })
  expect([status, stdout]).toEqual([exitCode, ''])
  expect(stderr).toMatch(said)
})
