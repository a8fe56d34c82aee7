import { kubernetesSurvey } from './kubernetes-survey.ts'
import type { NodePart, NodeProject } from './part.ts'

/** The one address of all control planes, where they hold it themselves: HAProxy and keepalived, or kube-vip. */
export const endpoint: NodePart = {
  name: 'endpoint',
  title: 'Endpoint of the control planes',
  // One at a time where somebody may be using it.
  parallel: async (project) => (isHeld(project) && (await isCluster(project)) ? 1 : undefined),
  nodes: async (project) => {
    if (!isHeld(project)) return []
    const { endpointWork } = await import('../cluster/endpoint/endpoint-work.ts')
    return endpointWork({ ...project, survey: await kubernetesSurvey(project) })
  },
}

/** What is left to do for it once there is a cluster. */
export const endpointSettled: NodePart = {
  name: 'endpoint-settled',
  title: 'Endpoint without the super-admin',
  nodes: async (project) => {
    if (!isHeld(project)) return []
    const { settledEndpointWork } = await import('../cluster/endpoint/endpoint-work.ts')
    return settledEndpointWork({ ...project, survey: await kubernetesSurvey(project) })
  },
}

function isHeld({ config }: NodeProject): boolean {
  const { distribution, endpoint: wanted } = config.cluster
  return distribution === 'kubeadm' && wanted !== undefined && wanted.provider !== 'external'
}

async function isCluster(project: NodeProject): Promise<boolean> {
  const { states } = await kubernetesSurvey(project)
  return [...states.values()].some(({ isControlPlane }) => isControlPlane)
}
