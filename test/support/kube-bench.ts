import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import type { LabCluster } from './lab-cluster.ts'
import { nodeProgram } from './node-software-programs.ts'

interface Benchmark {
  Controls: { tests: { results: { test_number: string; status: string }[] }[] }[]
}

/** Runs kube-bench with CIS 1.10 on a machine of a cluster; CIS 1.11 and 1.12 are in no version of it that the module proxy has. */
export async function kubeBench(
  cluster: LabCluster,
  { name, targets }: { name: string; targets: string },
): Promise<{ failed: string[]; passed: number }> {
  const machine = cluster.machine(name)
  await machine.sh('mkdir -p /root/bench && tar -C /root/bench -xf -', { input: await packed(cluster) })
  await machine.sh('cat >/root/bench/ps && chmod 755 /root/bench/ps && mount --bind /root/bench/ps /bin/ps', {
    input: readFileSync(join(packageRoot(), 'test/support/ps.pl'), 'utf8'),
  })
  const text = await machine.sh(
    `cd /root/bench; export KUBECONFIG=/etc/kubernetes/admin.conf
    ./kube-bench run --config-dir cfg --benchmark cis-1.10 --targets ${targets} --json 2>/dev/null; umount /bin/ps`,
  )
  const results = (JSON.parse(text) as Benchmark).Controls.flatMap(({ tests }) =>
    tests.flatMap(({ results }) => results),
  )
  return {
    failed: results.filter(({ status }) => status === 'FAIL').map((result) => result.test_number),
    passed: results.filter(({ status }) => status === 'PASS').length,
  }
}

/** The program with the benchmark, as an archive. */
async function packed(cluster: LabCluster): Promise<Buffer> {
  const goPackage = 'github.com/aquasecurity/kube-bench'
  const program = await nodeProgram('kube-bench', { goPackage })
  const list = ['go', 'list', '-m', '-f', '{{.Dir}}', goPackage]
  const { stdout } = await run(list, { cwd: join(packageRoot(), 'test/support/go/kube-bench') })
  const file = join(cluster.folder, 'bench.tar')
  const names = ['cfg/cis-1.10', 'cfg/config.yaml']
  await run(['tar', '-cf', file, '-C', stdout.trim(), ...names])
  await run(['tar', '-rf', file, '--transform', 's/.*/kube-bench/', '-P', program])
  return readFileSync(file)
}
