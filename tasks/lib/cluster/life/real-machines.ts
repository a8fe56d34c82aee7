import { TaskError } from '../../cli/errors.ts'
import type { ClusterScene } from '../cluster.ts'

/** Throws a TaskError where no machines of ours stand behind the nodes: the sandbox, or a cluster made by others. */
export function refuseSimulated({ isSimulated, config }: Pick<ClusterScene, 'isSimulated' | 'config'>): void {
  if (!isSimulated) return
  const { distribution, name } = config.cluster
  if (config.configured && distribution === 'none')
    throw new TaskError(`cluster ${name} is not made by this tool: its machines are somebody else's`, {
      hint: 'kubernetes.distribution: kubeadm in cluster.yaml, where that is meant',
    })
  throw new TaskError('no machines stand behind the nodes of the sandbox', {
    hint: 'name machines in cluster.yaml: nodes: [kube1]',
  })
}
