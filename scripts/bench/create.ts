import { alternate } from './alternate.ts'
import { type Row, rowOf, timesFaster } from './bar.ts'
import type { Chapter, Sizes } from './chapter.ts'
import type { Lab } from './lab.ts'
import { makeProject, type Project } from './project.ts'
import { openProxy, type SlowWay } from './proxy.ts'
import { removeVolumes, settle } from './reset.ts'
import { volumesFile } from './volumes.ts'

const ours = 'tasks apply --no-wait'
const theirs = 'kubectl apply --server-side'

/** Many new objects, with one file for both tools. */
export const create: Chapter = {
  name: 'create',
  async measure(lab, sizes) {
    const { port } = await lab.server()
    const whole = await compare(lab, { sizes, name: 'create' })
    const straight = await openProxy(port, 0)
    const api = await compare(lab, { sizes, name: 'create-api', proxy: straight, isApiPart: true })
    straight.close()
    const slow = await openProxy(port, 20)
    const far = await compare(lab, { sizes, name: 'create-far', proxy: slow })
    slow.close()
    return {
      title: `Create ${sizes.objects} objects`,
      method:
        `One file of ${sizes.objects} PersistentVolumes, none of which the server has; both tools write by server-side apply and neither ` +
        'waits for readiness. Whole process: from its start to its exit. API part: from the first connection to the last byte ' +
        'of an answer, as a TCP proxy on loopback between tool and server saw it. With 20 ms of added round trip the ' +
        'proxy keeps every piece for 10 ms in each direction. kubectl reads plain YAML and has its discovery cached.',
      rows: [
        ...rowsOf('whole process', whole),
        ...rowsOf('API part', api),
        ...rowsOf('20 ms, whole process', far),
      ],
      bars: [
        bar('create, API part', api, 3),
        bar('create, whole process', whole, 1.7),
        bar('create with 20 ms added, whole process', far, 10),
      ],
    }
  },
}

interface Comparison {
  sizes: Sizes
  name: string
  proxy?: SlowWay
  isApiPart?: boolean
}

async function compare(
  lab: Lab,
  { sizes, name, proxy, isApiPart }: Comparison,
): Promise<Map<string, number[]>> {
  lab.say(`${name}: ${sizes.runs} runs of each tool`)
  const server = await lab.server()
  const project = await makeProject(lab, { name, port: proxy?.port })
  await project.write(name, volumesFile(name, sizes.objects))
  const prepare = async () => {
    await removeVolumes(server, name)
    await proxy?.secondsInUse()
  }
  const run = async (work: (project: Project) => Promise<number>) => {
    const seconds = await work(project)
    const inUse = await proxy?.secondsInUse()
    await settle(server, name)
    return isApiPart ? inUse! : seconds
  }
  const times = await alternate(
    [
      { name: ours, prepare, run: () => run((way) => way.tasks('apply', name, '--no-wait')) },
      {
        name: theirs,
        prepare,
        run: () => run((way) => way.kubectl('apply', '--server-side', '-f', way.path(name))),
      },
    ],
    sizes,
  )
  await removeVolumes(server, name)
  return times
}

function rowsOf(what: string, times: Map<string, number[]>): Row[] {
  return [...times].map(([name, seconds]) => rowOf(`${name}, ${what}`, seconds))
}

function bar(name: string, times: Map<string, number[]>, least: number) {
  return timesFaster(name, { ours: times.get(ours)!, theirs: times.get(theirs)!, least })
}
