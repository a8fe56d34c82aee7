import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { secondsText } from './bar.ts'
import type { Chapter } from './chapter.ts'
import { runProgram } from './program.ts'
import { makeProject } from './project.ts'
import { removeVolumes } from './reset.ts'
import { volumesFile, volumeTemplate } from './volumes.ts'

const sample = 20

/** The way of a Makefile: a process of make, of envsubst and of kubectl for each object. */
export const perObject: Chapter = {
  name: 'per-object',
  async measure(lab, { objects }) {
    const server = await lab.server()
    const project = await makeProject(lab, { name: 'per-object' })
    await writeFile(join(project.folder, 'volume.yaml'), volumeTemplate)
    await writeFile(join(project.folder, 'Makefile'), makefile(project.kubectlCommand))
    await make(project.folder, 0)
    let seconds = 0
    for (let index = 1; index <= sample; index++) seconds += await make(project.folder, index)
    await removeVolumes(server, 'per-object')
    await project.write('per-object', volumesFile('per-object', objects))
    const tasks = await project.tasks('apply', 'per-object', '--no-wait')
    await removeVolumes(server, 'per-object')
    const all = (seconds / sample) * objects
    return {
      title: 'One object at a time',
      method:
        `make, envsubst and kubectl --server-side started anew for each PersistentVolume: ${sample} of them measured, extrapolated to ${objects}. ` +
        'Beside it one run of `tasks apply` that creates them.',
      rows: [
        { name: 'make + envsubst + kubectl, one object', value: secondsText(seconds / sample), runs: sample },
        {
          name: `make + envsubst + kubectl, ${objects} objects`,
          value: secondsText(all),
          runs: sample,
          note: 'extrapolated',
        },
        {
          name: `tasks apply --no-wait, ${objects} objects`,
          value: secondsText(tasks),
          runs: 1,
          note: `${(all / tasks).toFixed(0)}× faster`,
        },
      ],
      bars: [],
    }
  },
}

function makefile(kubectl: string[]): string {
  return `volume:\n\t@envsubst < volume.yaml | ${kubectl.join(' ')} apply --server-side -f -\n`
}

async function make(folder: string, index: number): Promise<number> {
  const values = [
    `VOLUME_NAME=per-object-${index}`,
    'VOLUME_GROUP=per-object',
    `VOLUME_ID=${index}`,
    'VOLUME_NODE=kube1',
    'VOLUME_SIZE=500Mi',
  ]
  const env = Object.fromEntries(values.map((value) => value.split('=') as [string, string]))
  return (await runProgram(['make', '-s', 'volume'], { cwd: folder, env })).seconds
}
