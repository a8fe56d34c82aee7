import { planLayer } from '../lib/addons/layer.ts'
import { askedNodes } from '../lib/addons/node-parts.ts'
import { nodeImages, nodeSoftware } from '../lib/addons/software-parts.ts'
import type { GlobalOptions, Task } from '../lib/cli/task.ts'
import { type Context, defineTask } from '../lib/cli/task.ts'
import { loadConfig } from '../lib/config/config.ts'

export default defineTask(import.meta, {
  group: 'nodes',
  summary: 'install programs and container images that nodes run with, verified',
  description:
    'Releases are downloaded once on this machine, compared with their pinned SHA-256, and sent to all nodes at once; ' +
    'software of cluster.yaml names a folder or a mirror where there is no network, and a folder of image archives. ' +
    'Only what is missing is sent. On a member of a cluster, programs of Kubernetes stay: tasks cluster:upgrade.',
  arguments: {
    nodes: { summary: 'names or first labels; $NODE or all where not given', many: true, complete: 'nodes' },
  },
  options: {
    urls: {
      type: 'boolean',
      summary: 'print the URLs of all releases and change nothing: for wget -x -N -P FOLDER -i -',
    },
  },
  examples: [
    ['tasks node:software', 'show what is missing on the nodes, ask, send it'],
    ['tasks node:software kube1 --dry-run', 'what would be done on one machine, command by command'],
    ['tasks node:software --urls', 'what a folder for machines without a network has to hold'],
  ],
  oldNames: ['node_software', 'containerd', 'kubelet'],
  async run(context) {
    if (context.options.urls) return printUrls(context)
    const { runPlan } = await import('../lib/cli/plan/execute.ts')
    return runPlan({ plan } as unknown as Task, context as unknown as Context)
  },
})

type SoftwareContext = Pick<Context, 'argv' | 'name' | 'output' | 'root' | 'signal'> & {
  options: GlobalOptions
  arguments: { nodes?: string[] }
}

function plan(context: SoftwareContext) {
  return planLayer([nodeSoftware, nodeImages], {
    ...context,
    nodes: (config) => askedNodes(config, context.arguments.nodes),
    next: 'tasks install',
  })
}

async function printUrls({ root, output, options }: SoftwareContext): Promise<void> {
  const { releaseUrls } = await import('../lib/node/software/release-urls.ts')
  const { cluster, findings } = await loadConfig(root)
  output.findings(findings)
  const urls = releaseUrls(cluster)
  if (options.json) output.json({ urls })
  else output.data(urls.map((url) => `${url}\n`).join(''))
}
