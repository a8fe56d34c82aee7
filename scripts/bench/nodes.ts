import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { alternate } from './alternate.ts'
import { type Bar, median, rowOf, timesFaster } from './bar.ts'
import type { Chapter } from './chapter.ts'
import { nodeChecks } from './nodes/checks.ts'
import { playbookText } from './nodes/playbook.ts'
import { ansibleFiles, startTargets, type Targets } from './nodes/targets.ts'
import { runProgram } from './program.ts'

const mostRoundTrips = 3
const ansiblePath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Machines on which nothing is left to do, checked again by the planner and by Ansible. */
export const nodes: Chapter = {
  name: 'nodes',
  missing: missingPrograms,
  async measure({ folder, say }, { targets: count, slowRuns }) {
    say(`nodes: starting ${count} SSH servers`)
    const targets = await startTargets(count, join(folder, 'nodes'))
    try {
      const program = await bundle(folder)
      const playbook = await writePlaybook(targets)
      say('nodes: making what is wanted, once')
      await ours(program, targets, 'apply')
      const version = await ansibleVersion()
      const trips = { ours: [] as number[], theirs: [] as number[] }
      const times = await alternate(
        [
          { name: 'tasks', run: () => counted(targets, trips.ours, () => ours(program, targets)) },
          { name: 'Ansible', run: () => counted(targets, trips.theirs, () => theirs(playbook)) },
        ],
        { runs: slowRuns },
      )
      const [ourTimes, theirTimes] = [times.get('tasks')!, times.get('Ansible')!]
      const note = (all: number[]) => `${median(all)} round trips per host`
      return {
        title: `${count} machines where nothing is left to do`,
        method: methodText(version),
        rows: [
          { ...rowOf('tasks', ourTimes), note: note(trips.ours) },
          { ...rowOf(`Ansible ${version}`, theirTimes), note: note(trips.theirs) },
        ],
        bars: [
          timesFaster(`${count} machines checked again`, { ours: ourTimes, theirs: theirTimes, least: 10 }),
          roundTripsBar(Math.max(...trips.ours)),
        ],
      }
    } finally {
      await targets.close()
    }
  },
}

function methodText(version: string): string {
  return (
    'SSH servers of this host on loopback addresses, each with an /etc and a systemctl of its own (a stand-in: the host need not run ' +
    'systemd). Packages, kernel parameters, swap, folders, files, group, user, mount, a line of a file and units, all as wanted already: ' +
    "the planner's whole process, which plans and verifies all of it, against ansible-playbook with the modules for the same " +
    `(Ansible ${version}, 20 forks, pipelining, connections that persist between its runs, no facts gathered). ` +
    'Both have to find nothing to change. Round trips are the commands and file transfers that each server logged, in the run with the most.'
  )
}

async function bundle(folder: string): Promise<string> {
  const outfile = join(folder, 'nodes-program.mjs')
  const entry = join(packageRoot(), 'scripts/bench/nodes/program.ts')
  const js = `import { createRequire as bannerRequire } from 'node:module';const require = bannerRequire(import.meta.url);`
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    banner: { js },
  })
  return outfile
}

/** Seconds of one process that plans and verifies everything; on a second run it may find nothing to do. */
async function ours(program: string, { root }: Targets, word?: 'apply'): Promise<number> {
  const { seconds, stdout } = await runProgram([process.execPath, program, root, ...(word ? [word] : [])])
  const { changes, findings } = JSON.parse(stdout) as { changes: string[]; findings: unknown[] }
  if (findings.length > 0) throw new Error(`the planner found ${JSON.stringify(findings)}`)
  if (!word && changes.length > 0) throw new Error(`the planner would still change ${changes.join(', ')}`)
  return seconds
}

interface Playbook {
  file: string
  inventory: string
  env: Record<string, string>
}

async function writePlaybook(targets: Targets): Promise<Playbook> {
  const { inventory, settings } = ansibleFiles(targets)
  const path = (name: string) => join(targets.root, name)
  // A control socket's path may have about 100 characters: that of a folder for temporary files has room.
  await mkdir(path('cp'), { recursive: true, mode: 0o700 })
  await writeFile(path('playbook.yml'), playbookText(nodeChecks()))
  await writeFile(path('inventory'), inventory)
  await writeFile(path('ansible.cfg'), settings)
  const env = { ANSIBLE_CONFIG: path('ansible.cfg'), LC_ALL: 'C.UTF-8', PATH: ansiblePath }
  return { file: path('playbook.yml'), inventory: path('inventory'), env }
}

async function theirs({ file, inventory, env }: Playbook): Promise<number> {
  const { seconds, stdout } = await runProgram(['ansible-playbook', '-i', inventory, file], { env })
  const recap = stdout.split('PLAY RECAP')[1] ?? ''
  const wrong = recap
    .split('\n')
    .filter((line) => /ok=/.test(line) && !/changed=0 .*unreachable=0 .*failed=0 /.test(line))
  if (wrong.length > 0 || !recap.includes('ok='))
    throw new Error(`Ansible did not find all as wanted:\n${stdout}`)
  return seconds
}

async function counted(targets: Targets, trips: number[], run: () => Promise<number>): Promise<number> {
  const before = await sessions(targets)
  const seconds = await run()
  const after = await sessions(targets)
  trips.push(Math.max(...after.map((count, index) => count - before[index]!)))
  return seconds
}

function sessions({ hosts }: Targets): Promise<number[]> {
  return Promise.all(hosts.map((host) => host.sessions()))
}

function roundTripsBar(most: number): Bar {
  return {
    name: 'round trips to a machine where nothing is left to do',
    wanted: `at most ${mostRoundTrips}`,
    reached: String(most),
    met: most <= mostRoundTrips,
  }
}

async function ansibleVersion(): Promise<string> {
  const { stdout } = await runProgram(['ansible', '--version'], {
    env: { LC_ALL: 'C.UTF-8', PATH: ansiblePath },
  })
  const core = /core ([0-9.]+)/.exec(stdout)?.[1] ?? 'of an unknown version'
  const package_ = await runProgram(['dpkg-query', '-W', '-f', '${Version}', 'ansible']).catch(
    () => undefined,
  )
  return package_ ? `${/^[0-9.]+/.exec(package_.stdout)?.[0]} (core ${core})` : `core ${core}`
}

/** What this chapter needs and the benchmark does not install. */
async function missingPrograms(): Promise<string | undefined> {
  const programs = { ansible: '/usr/bin/ansible-playbook', 'openssh-server': '/usr/sbin/sshd' }
  const packages = Object.entries(programs).flatMap(([name, path]) => (existsSync(path) ? [] : [name]))
  const python = await runProgram(['/usr/bin/python3', '-c', 'import apt']).catch(() => undefined)
  if (!python) packages.push('python3-apt')
  if (process.getuid?.() !== 0) return 'it has to be root, for SSH servers with an /etc of their own'
  return packages.length > 0 ? `apt install ${packages.join(' ')}` : undefined
}
