import { alternate } from './alternate.ts'
import { below, median, rowOf } from './bar.ts'
import type { Chapter } from './chapter.ts'
import { runProgram } from './program.ts'

/** How long `tasks` takes to say what it can do, against a node that does nothing. */
export const start: Chapter = {
  name: 'start',
  async measure({ tasks, folder }, sizes) {
    const runs = sizes.runs * 6
    const contender = (name: string, ...args: string[]) => ({
      name,
      run: async () => (await runProgram([process.execPath, ...args], { cwd: folder })).seconds,
    })
    const times = await alternate(
      [
        contender('node -e 0', '-e', '0'),
        contender('tasks', tasks),
        contender('tasks --version', tasks, '--version'),
      ],
      { runs },
    )
    const bare = median(times.get('node -e 0')!)
    return {
      title: 'Start',
      method: 'Whole processes, from the start to the exit.',
      rows: [...times].map(([name, seconds]) => rowOf(name, seconds)),
      bars: ['tasks', 'tasks --version'].map((name) =>
        below(`${name} against node -e 0`, {
          value: median(times.get(name)!) / bare,
          limit: 2,
          text: (ratio) => `${ratio.toFixed(2)}×`.replace('.00×', '×'),
        }),
      ),
    }
  },
}
