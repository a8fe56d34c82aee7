import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { below, secondsText } from './bar.ts'
import type { Chapter } from './chapter.ts'
import { runProgram } from './program.ts'
import { makeProject } from './project.ts'

/** A run as large as a data centre's: tens of thousands of volumes. */
export const many: Chapter = {
  name: 'many',
  async measure(lab, { nodes, volumesPerNode }) {
    const count = (nodes * volumesPerNode).toLocaleString('en')
    const project = await makeProject(lab, { name: 'many', nodes, env: pools(volumesPerNode) })
    lab.say(`many: creating ${count} PersistentVolumes`)
    const first = await persistent(lab.tasks, project.folder)
    lab.say(`many: ${count} PersistentVolumes again, without a change`)
    const second = await persistent(lab.tasks, project.folder)
    const megabytes = (value: number) => `${Math.round(value)} MB`
    const row = (name: string, { seconds, peak }: Peak) => ({
      name,
      value: secondsText(seconds),
      runs: 1,
      note: `peak memory ${megabytes(peak)}`,
    })
    return {
      title: `${count} PersistentVolumes`,
      method:
        `\`tasks persistent\` for ${nodes} nodes with ${volumesPerNode} volumes each, in one run that also waits until all of them are available, then once more. ` +
        'Peak memory is the largest resident set of the process.',
      rows: [row('tasks persistent, creating', first), row('tasks persistent, no change', second)],
      bars: [
        below(`memory to create ${count}`, { value: first.peak, limit: 1000, text: megabytes }),
        below(`memory of no change in ${count}`, { value: second.peak, limit: 1000, text: megabytes }),
        below(`no change in ${count}`, { value: second.seconds, limit: 30, text: secondsText }),
      ],
    }
  },
}

interface Peak {
  seconds: number
  /** Megabytes (10^6 bytes). */
  peak: number
}

function pools(volumesPerNode: number): string[] {
  return [
    `POOL_NUM_SMALL=${volumesPerNode - 1}`,
    'POOL_NUM_MEDIUM=0',
    'POOL_NUM_LARGE=0',
    'NAMED_VOLUMES=share',
  ]
}

async function persistent(tasks: string, folder: string): Promise<Peak> {
  const report = join(folder, 'report-peak.mjs')
  await writeFile(report, "process.on('exit', () => console.error('peak', process.resourceUsage().maxRSS))\n")
  const command = [process.execPath, `--import=${report}`, tasks, 'persistent', '--yes']
  const { seconds, stderr } = await runProgram(command, { cwd: folder })
  const [, kibibytes] = /^peak (\d+)$/m.exec(stderr) ?? []
  return { seconds, peak: (Number(kibibytes) * 1024) / 1e6 }
}
