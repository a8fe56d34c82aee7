import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { packageInfo } from '../../tasks/lib/cli/root.ts'
import { versions } from '../../tasks/lib/sandbox/programs/versions.ts'
import { runProgram } from './program.ts'

/** What the figures depend on: the machine and the versions, one line each. */
export async function describeMachine(): Promise<[what: string, value: string][]> {
  const [processor] = cpus()
  return [
    ['processor', `${cpus().length} cores, ${processor?.model.trim() ?? 'unknown'}`],
    ['memory', `${(totalmem() / 2 ** 30).toFixed(1)} GiB`],
    ['system', `${systemName()}, Linux ${release()}`],
    ['load before', loadavg()[0]!.toFixed(2)],
    ['metaltasks', packageInfo().version],
    ['node', process.versions.node],
    ['kubectl, kube-apiserver', versions.kubernetes],
    ['etcd', versions.etcd],
    ['envsubst', await versionOf('envsubst')],
    ['make', await versionOf('make')],
  ]
}

function systemName(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux'
  } catch {
    return process.platform
  }
}

async function versionOf(program: string): Promise<string> {
  const { stdout } = await runProgram([program, '--version'])
  return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? 'unknown'
}
