import type { Change, Plan } from '../../cli/change.ts'
import { TaskError } from '../../cli/errors.ts'
import { nodeNamed } from '../../config/nodes.ts'
import { backupPaths } from '../../node/etcd-backup/paths.ts'
import type { Machine } from '../../node/machine.ts'
import { planNodes } from '../../node/plan/plan-nodes.ts'
import { runAction } from '../../node/plan/run-action.ts'
import type { ClusterScene } from '../cluster.ts'
import { backupWork } from './backup-work.ts'

/** One backup now, on $NODE or on a control plane whose API server is ready; before it the settings as configured. */
export async function planBackup(
  scene: ClusterScene,
): Promise<{ planned: Pick<Plan, 'steps' | 'findings'>; machine: Machine }> {
  const { config } = scene
  const machine = await chosenMachine(scene)
  const node = config.cluster.nodes.find(({ name }) => name === machine.name)!
  const step = { name: 'settings', title: `Settings of backups on ${machine.label}` }
  const work = await backupWork([node], scene)
  const { steps, findings } = await planNodes([{ ...step, work }], { parallel: 1, signal: scene.signal })
  const problem = findings.find(({ message }) => message.includes('no backups are made'))
  if (problem) throw new TaskError(problem.message, { hint: problem.hint })
  const now = {
    name: 'backup',
    title: 'Back up etcd',
    waves: [{ changes: [backupChange(machine)], parallel: 1 }],
  }
  return { planned: { steps: [...steps, { ...now, unchanged: [] }], findings }, machine }
}

/** The change that makes one backup on a machine and copies it to every place. */
function backupChange(machine: Machine): Change {
  let name = ''
  const action = {
    action: 'run' as const,
    title: 'make a backup of etcd, try it, and copy it to every place',
    commands: [`${backupPaths.program} run`],
    output: (stdout: string) => {
      name = stdout.trim()
    },
  }
  return {
    ...action,
    title: `${machine.label}: ${action.title}`,
    target: `${machine.label}: backup of etcd`,
    ...{ before: [], after: [], lane: machine.name },
    async run(progress) {
      await runAction(machine, action)
      progress.say(`${machine.label}: ${name}`)
    },
    async verify() {
      const { stdout } = await machine.run(`cat ${backupPaths.state}/state.json`, { title: 'read its state' })
      const good = JSON.parse(stdout).good?.set
      if (name !== '' && good === name) return
      throw new TaskError(`${machine.label}: the last good backup is ${good ?? 'none'}, not ${name}`, {
        hint: 'tasks etcd:backups',
      })
    },
  }
}

async function chosenMachine(scene: ClusterScene): Promise<Machine> {
  const named = scene.config.variables.get('NODE')?.value
  if (!named) return scene.workingControlPlane()
  const node = nodeNamed(scene.config, named)
  if (scene.controlPlanes.includes(node)) return scene.machine(node)
  throw new TaskError(`${node.name} runs no API server: there is nothing on it to back up`, {
    hint: `control planes: ${scene.controlPlanes.map(({ name }) => name).join(', ')}`,
  })
}
