import type { KubernetesSurvey } from '../node/kubeadm/kubernetes-state.ts'
import type { NodeProject } from './part.ts'

const asked = new WeakMap<NodeProject['machines'], Promise<KubernetesSurvey>>()

/** What Kubernetes is on all machines of the configuration, asked once however many parts of a plan want to know. */
export function kubernetesSurvey({ config, machines, signal }: NodeProject): Promise<KubernetesSurvey> {
  const known = asked.get(machines)
  if (known) return known
  const { nodes, ssh } = config.cluster
  const survey = import('../node/kubeadm/survey.ts').then(({ surveyKubernetes }) =>
    surveyKubernetes(
      nodes.map((node) => machines.of(node)),
      { parallel: ssh.parallel, signal },
    ),
  )
  asked.set(machines, survey)
  return survey
}
