import type { Plan } from '../../cli/change.ts'
import { type Finding, TaskError } from '../../cli/errors.ts'
import type { ClusterNode } from '../../config/model.ts'
import type { Machine } from '../../node/machine.ts'
import { type NodeStep, planNodes } from '../../node/plan/plan-nodes.ts'
import type { ClusterScene } from '../cluster.ts'
import { externalEtcdNodes } from './etcd-access.ts'
import { resetResources } from './machine-resources.ts'
import { refuseSimulated } from './real-machines.ts'

/** What makes all machines of a cluster machines without Kubernetes: workers first, then control planes, then etcd. */
export async function planClusterReset(
  scene: ClusterScene,
  named: string,
): Promise<Pick<Plan, 'steps' | 'findings'> & { machines: Machine[] }> {
  refuseSimulated(scene)
  const { config, survey, signal, machine } = scene
  const { name, nodes, ssh } = config.cluster
  if (named !== name)
    throw new TaskError(`the cluster of this project is ${name}, not ${named}: nothing was changed`, {
      hint: `tasks cluster:reset ${name}`,
    })
  const apart = externalEtcdNodes(config)
  const reached = nodes.filter((node) => survey.states.has(node.name))
  const isControlPlane = ({ roles }: ClusterNode) => roles.includes('control-plane')
  const step = (stepName: string, title: string, some: ClusterNode[]): NodeStep => ({
    ...{ name: stepName, title },
    work: some.map((node) => ({ machine: machine(node), resources: resetResources(config, node) })),
  })
  const planned = await planNodes(
    [
      step(
        'workers',
        'Reset the workers',
        reached.filter((node) => !isControlPlane(node) && !apart.includes(node)),
      ),
      step('control-planes', 'Reset the control planes', reached.filter(isControlPlane)),
      step(
        'etcd-hosts',
        'Reset the hosts of etcd',
        reached.filter((node) => apart.includes(node)),
      ),
    ],
    { parallel: ssh.parallel, signal },
  )
  return {
    steps: planned.steps.filter(({ waves, unchanged }) => waves.length + unchanged.length > 0),
    findings: [...planned.findings, ...whatStays(scene)],
    machines: reached.map(machine),
  }
}

function whatStays({ config, survey }: ClusterScene): Finding[] {
  const volumes = config.cluster.nodes.flatMap(({ name, volumes: own }) =>
    own.map((volume) => `${name}: ${volume.path}`),
  )
  const notes = [
    'data of PersistentVolumes stay where they are',
    'the data of etcd and /etc/kubernetes stay on their machines, under a name with the time',
    ...(volumes.length > 0 ? [`encrypted volumes stay, open and mounted: ${volumes.join(', ')}`] : []),
  ]
  const silent = [...survey.unreachable.keys()].map(
    (name): Finding => ({
      severity: 'warning',
      message: `${name} does not answer and stays as it is`,
      hint: 'run the same command again when it is back',
    }),
  )
  return [...notes.map((message): Finding => ({ severity: 'note', message })), ...silent]
}
