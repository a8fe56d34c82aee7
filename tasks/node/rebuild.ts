import { defineTask } from '../lib/cli/task.ts'
import { machineParts } from './add.ts'

export default defineTask(import.meta, {
  group: 'nodes',
  summary: 'make a node anew: its machine was replaced, or what is on it is broken',
  description:
    'Any node but the only control plane, the first one included. What the cluster still has of it goes (pods, member of ' +
    'etcd, Node), its machine is reset, and it joins again with new certificates, its labels and taints. Encrypted volumes ' +
    'are kept where their LUKS UUID is the one in secrets/volumes; one that is missing is made anew only when it is named. ' +
    'A machine that was installed anew is trusted first: tasks node:trust. Asks for the name of the node.',
  arguments: { node: { summary: 'its name or first label', required: true, complete: 'nodes' } },
  options: {
    newVolumes: { type: 'list', valueName: 'NAME', summary: 'volumes that may be made anew, and empty' },
    force: { type: 'boolean', summary: 'also pods without a controller, which nobody makes again' },
    timeout: { type: 'number', default: 900, valueName: 'SECONDS', summary: 'how long evictions may take' },
  },
  examples: [
    ['tasks node:rebuild kube1 --dry-run', 'what would go, what stays, and the arithmetic of etcd'],
    ['tasks node:rebuild kube1', 'also the first control plane, where there are others'],
    ['tasks node:rebuild kube2 --new-volumes data', 'the disk with its volume data is lost'],
  ],
  oldNames: ['rebuild', 'rejoin'],
  confirmName: ({ arguments: { node } }) => node,
  async plan(context) {
    const { planLayer } = await import('../lib/addons/layer.ts')
    const { labelsLater, partsLater } = await import('../lib/addons/parts-later.ts')
    const { clusterPlan, openClusterScene } = await import('../lib/cluster/cluster.ts')
    const { planFarewell } = await import('../lib/cluster/life/rebuilding.ts')
    const { refuseSimulated } = await import('../lib/cluster/life/real-machines.ts')
    const { nodeNamed } = await import('../lib/config/nodes.ts')
    const { arguments: named, options } = context
    const scene = await openClusterScene(context)
    refuseSimulated(scene)
    const { newVolumes, force, timeout: drainSeconds } = options
    const { node, steps, findings, machines } = await planFarewell(scene, {
      ...{ named: named.node, newVolumes, force, drainSeconds },
    })
    const parts = { ...context, nodes: (config: typeof scene.config) => [nodeNamed(config, node.name)] }
    const now = await planLayer(machineParts, parts)
    const later = machineParts.filter(({ name }) => now.steps.some((step) => step.name === name))
    const labels = labelsLater(node.name, { ...context, config: scene.config })
    const planned = {
      steps: [...steps, ...(steps.length > 0 ? partsLater(later, parts) : now.steps), labels],
      findings: [...findings, ...(steps.length > 0 ? [] : now.findings)],
      next: 'tasks status',
    }
    const locked = new Set([...machines, scene.machine(node)])
    return clusterPlan(planned, { scene, command: 'tasks node:rebuild', machines: [...locked] })
  },
})
