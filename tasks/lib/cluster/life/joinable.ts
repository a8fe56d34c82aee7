import { throwOnErrors } from '../../cli/errors.ts'
import type { ClusterNode } from '../../config/model.ts'
import type { KubernetesState } from '../../node/kubeadm/kubernetes-state.ts'
import type { ClusterScene } from '../cluster.ts'
import { encryptionKeys } from '../material.ts'
import { controlPlaneFilesWork } from '../setup/control-plane-files.ts'
import { controlPlanesWork, workersWork } from '../setup/join-work.ts'
import { setupScene } from '../setup/scene.ts'

/**
 * Throws a TaskError with what would stop a node from joining once its machine is empty and the cluster knows it no more:
 * before anything is taken away from it.
 */
export async function refuseUnjoinable(scene: ClusterScene, node: ClusterNode): Promise<void> {
  const { config, machines, survey, project, now } = scene
  const others = [...survey.states].map(([name, state]) => [name, { ...state, roster: [] }] as const)
  const states = new Map([...others, [node.name, emptied(survey.states.get(node.name)!)]])
  const setup = setupScene({ config, machines, nodes: [node], survey: { ...survey, states } })
  const keys = encryptionKeys(project, { now })
  const work = [
    ...(await controlPlaneFilesWork(setup, { keys })),
    ...controlPlanesWork(setup),
    ...workersWork(setup),
  ]
  // What is refused whatever the machine answers asks it nothing.
  const refused = work
    .flatMap(({ resources }) => resources)
    .filter(({ probe }) => probe === ':')
    .flatMap((resource) => resource.plan({ stdout: '', stderr: '', exitCode: 0 }).actions)
  throwOnErrors(refused.flatMap(({ blocked }) => blocked ?? []))
}

function emptied(state: KubernetesState): KubernetesState {
  const { begun: _, caHash: _hash, server: _server, ...rest } = state
  return {
    ...rest,
    ...{ isMember: false, isControlPlane: false, hasEtcdData: false, leftOvers: [], certificates: [] },
    ...{ network: {}, files: {}, isKubeletActive: false, isRestored: false },
  }
}
