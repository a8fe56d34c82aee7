import type { SetupScene } from '../cluster/setup/scene.ts'
import { kubernetesSurvey } from './kubernetes-survey.ts'
import { nodeTaintsStep } from './node-taints-step.ts'
import type { NodePart, NodeProject, Part } from './part.ts'

/** What API servers are started with, on every control plane before kubeadm runs there. */
export const controlPlaneFiles: NodePart = {
  name: 'control-plane-files',
  title: 'Files of the control planes',
  ownPace: true,
  nodes: async (project) => {
    const scene = await setup(project)
    if (!scene) return []
    const { controlPlaneFilesWork } = await import('../cluster/setup/control-plane-files.ts')
    const { encryptionKeys } = await import('../cluster/material.ts')
    const { secretProject } = await import('../secrets/project.ts')
    const { config, output, signal } = project
    const keys = encryptionKeys(secretProject({ root: config.root, output, signal }))
    const { approverWork } = await import('../cluster/setup/serving-work.ts')
    return [...(await controlPlaneFilesWork(scene, { keys })), ...approverWork(scene)]
  },
}

/** The cluster itself, where none of its machines has ever been in one. */
export const clusterInit: NodePart = {
  name: 'cluster-init',
  title: 'The cluster, on its first control plane',
  makesCluster: true,
  nodes: async (project) => {
    const scene = await setup(project)
    return scene ? (await import('../cluster/setup/init-work.ts')).initWork(scene) : []
  },
}

/** Further control planes, one at a time: each changes who has to agree in etcd. */
export const controlPlanes: NodePart = {
  name: 'control-planes',
  title: 'Further control planes',
  addsNodes: true,
  parallel: 1,
  nodes: async (project) => {
    const scene = await setup(project)
    return scene ? (await import('../cluster/setup/join-work.ts')).controlPlanesWork(scene) : []
  },
}

/** Workers, side by side. */
export const workers: NodePart = {
  name: 'workers',
  title: 'Workers',
  addsNodes: true,
  nodes: async (project) => {
    const scene = await setup(project)
    return scene ? (await import('../cluster/setup/join-work.ts')).workersWork(scene) : []
  },
}

/** Certificates that kubelets answer with, now and when they are renewed. */
export const servingCertificates: NodePart = {
  name: 'serving-certificates',
  title: 'Serving certificates of the kubelets',
  nodes: async (project) => {
    const scene = await setup(project)
    return scene ? (await import('../cluster/setup/serving-work.ts')).servingWork(scene) : []
  },
}

/** Taints of the configuration on the Node objects. */
export const nodeTaints: Part = {
  name: 'node-taints',
  title: 'Node taints',
  step: ({ config, target, progress }) =>
    nodeTaintsStep(target.client, { nodes: config.cluster.nodes, progress }),
}

async function setup(project: NodeProject): Promise<SetupScene | undefined> {
  const { config, machines, nodes } = project
  if (config.cluster.distribution !== 'kubeadm') return undefined
  const survey = await kubernetesSurvey(project)
  const { setupScene } = await import('../cluster/setup/scene.ts')
  return setupScene({ config, machines, nodes, survey })
}
