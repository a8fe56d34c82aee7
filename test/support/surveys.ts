import type { KubernetesState, KubernetesSurvey } from '../../tasks/lib/node/kubeadm/kubernetes-state.ts'

/** What a machine says on which nothing of Kubernetes is, with parts replaced. */
function stateWith(parts: Partial<KubernetesState> = {}): KubernetesState {
  return {
    isMember: false,
    isControlPlane: false,
    isRestored: false,
    versions: {},
    network: {},
    hasEtcdData: false,
    leftOvers: [],
    certificates: [],
    files: {},
    isKubeletActive: false,
    ...parts,
  }
}

/** What machines say, by name; undefined: it cannot be reached. */
export function surveyOf(states: Record<string, Partial<KubernetesState> | undefined>): KubernetesSurvey {
  const entries = Object.entries(states)
  return {
    states: new Map(entries.flatMap(([name, state]) => (state ? [[name, stateWith(state)]] : []))),
    unreachable: new Map(
      entries.flatMap(([name, state]) =>
        state ? [] : [[name, { severity: 'error' as const, message: `${name}: no route to host` }]],
      ),
    ),
  }
}
