import type { Change, Plan, Step } from '../cli/change.ts'
import type { Config } from '../config/model.ts'
import { nodeNamed } from '../config/nodes.ts'
import { type PlanContext, planLayer } from './layer.ts'
import { nodeLabelsStep } from './node-labels-step.ts'
import type { NodePart } from './part.ts'
import { nodeLabels } from './parts.ts'
import { reachTarget } from './set-target.ts'

/**
 * Steps of machine parts that are planned when the first of them has its turn: earlier steps make the machine what they
 * are planned on.
 */
export function partsLater(parts: NodePart[], context: PlanContext): Step[] {
  let planned: Promise<Plan> | undefined
  const again = (empty: Step) => async () => {
    const isFirst = planned === undefined
    planned ??= planLayer(parts, context)
    const { steps, findings } = await planned
    const step = steps.find(({ name }) => name === empty.name) ?? empty
    return { step, findings: isFirst ? findings : [] }
  }
  return parts.map(({ name, title }) => {
    const empty = { name, title, waves: [], unchanged: [] }
    return { ...empty, ...placeholder(`${title}: planned on the machine as it is then`), again: again(empty) }
  })
}

/** Labels of one node, set when it has joined. */
export function labelsLater(name: string, context: PlanContext & { config: Config }): Step {
  const { config, output, signal, options } = context
  const { name: step, title } = nodeLabels
  const node = nodeNamed(config, name)
  return {
    ...{ name: step, title, unchanged: [] },
    ...placeholder(`labels of ${node.name}, where they are not as wanted`),
    async again(progress) {
      const findings: Plan['findings'] = []
      const { client } = await reachTarget(config, { options, output, signal, findings })
      return { step: await nodeLabelsStep(client, { nodes: [node], progress }), findings }
    },
  }
}

// Only what it is planned again to runs.
function placeholder(title: string): Pick<Step, 'waves'> {
  const never = async () => {
    throw new Error(`${title}: was not planned again`)
  }
  const change: Change = {
    ...{ action: 'run', target: title, title, before: [], after: [], run: never, verify: never },
  }
  return { waves: [{ changes: [change], parallel: 1 }] }
}
