import { keyServer, nodeSshKeys } from '../lib/addons/key-server-parts.ts'
import { planLayer } from '../lib/addons/layer.ts'
import { askedNodes } from '../lib/addons/node-parts.ts'
import { defineTask } from '../lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'volumes',
  summary: 'make an account for each node on the key server, and the keys of its volumes',
  description:
    'Each node makes an SSH key of its own and reads its own keys only, at PATH/keys/NODE/VOLUME. A key that is there ' +
    'is kept as it is, whatever made it.',
  examples: [
    ['tasks volumes:key-server --dry-run', 'what would be done, command by command'],
    ['NODE=kube1 tasks volumes:key-server', 'only what kube1 needs'],
  ],
  oldNames: ['key-server', 'masterlock'],
  plan: (context) =>
    planLayer([nodeSshKeys, keyServer], {
      ...context,
      nodes: (config) => askedNodes(config),
      next: 'tasks volumes',
    }),
})
