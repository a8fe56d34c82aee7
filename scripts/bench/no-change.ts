import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { alternate } from './alternate.ts'
import { rowOf, timesFaster } from './bar.ts'
import type { Chapter } from './chapter.ts'
import { makeProject } from './project.ts'
import { removeVolumes, settle } from './reset.ts'
import { volumesFile } from './volumes.ts'

/** The second run: everything is there already. */
export const noChange: Chapter = {
  name: 'no-change',
  async measure(lab, { objects, runs, slowRuns }) {
    const server = await lab.server()
    const project = await makeProject(lab, { name: 'no-change' })
    const groups = { tasks: 'same-tasks', serverSide: 'same-server-side', plain: 'same-plain' }
    for (const group of Object.values(groups)) await project.write(group, volumesFile(group, objects))
    const cache = join(project.folder, '.tasks', 'cache')
    const apply = () => project.tasks('apply', groups.tasks, '--no-wait')
    const serverSide = () => project.kubectl('apply', '--server-side', '-f', project.path(groups.serverSide))
    const plain = () => project.kubectl('apply', '-f', project.path(groups.plain))
    lab.say(`no-change: ${runs} runs of tasks and kubectl --server-side`)
    await Promise.all([apply(), serverSide(), plain()])
    for (const group of Object.values(groups)) await settle(server, group)
    const names = {
      fresh: 'tasks apply --no-wait, no parse cache',
      cached: 'tasks apply --no-wait',
      waiting: 'tasks apply',
      serverSide: 'kubectl apply --server-side',
      plain: 'kubectl apply',
    }
    const times = await alternate(
      [
        { name: names.fresh, prepare: () => rm(cache, { recursive: true, force: true }), run: apply },
        { name: names.serverSide, run: serverSide },
        { name: names.cached, run: apply },
        { name: names.waiting, run: () => project.tasks('apply', groups.tasks) },
      ],
      { runs },
    )
    lab.say(`no-change: ${slowRuns} runs of plain kubectl apply, half a minute each`)
    const slow = await alternate([{ name: names.plain, run: plain }], { runs: slowRuns, warm: false })
    for (const group of Object.values(groups)) await removeVolumes(server, group)
    const kubectl = times.get(names.serverSide)!
    return {
      title: `No change, ${objects} objects`,
      method:
        `The same file again when the server holds all ${objects} PersistentVolumes as they are wanted. Whole processes. Each tool has its own ` +
        'volumes, which it made itself; each has run once before. The parse cache is what the run before left in .tasks/cache: the ' +
        'objects of a text that has not changed, nor any value in it; "no parse cache" deletes it before each run.',
      rows: [...times, ...slow].map(([name, seconds]) => rowOf(name, seconds)),
      bars: [
        timesFaster('no change against kubectl --server-side', {
          ours: times.get(names.fresh)!,
          theirs: kubectl,
          least: 3,
        }),
        timesFaster('no change with the parse cache against kubectl --server-side', {
          ours: times.get(names.cached)!,
          theirs: kubectl,
          least: 8,
        }),
        timesFaster('no change against plain kubectl apply', {
          ours: times.get(names.cached)!,
          theirs: slow.get(names.plain)!,
          least: 100,
        }),
      ],
    }
  },
}
