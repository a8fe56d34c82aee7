import type { KubernetesSurvey } from '../node/kubeadm/kubernetes-state.ts'
import type { NodeProject } from './part.ts'

const asked = new WeakMap<NodeProject['config'], Promise<KubernetesSurvey>>()

/** What Kubernetes is on all machines of the configuration, asked once however many parts of a plan want to know. */
export function kubernetesSurvey({ config, machines, signal }: NodeProject): Promise<KubernetesSurvey> {
  const known = asked.get(config)
  if (known) return known
  const survey = import('../node/kubeadm/survey.ts').then(({ surveyCluster }) =>
    surveyCluster(config.cluster, { machines, signal, roster: config.cluster.nodes.length > 1 }),
  )
  asked.set(config, survey)
  return survey
}
