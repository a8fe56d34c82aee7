import type { EtcdScene } from '../cluster/external-etcd/hosts.ts'
import { kubernetesSurvey } from './kubernetes-survey.ts'
import type { NodePart, NodeProject } from './part.ts'

/** etcd on hosts of its own: certificates, settings, and the start of a new one on all hosts side by side. */
export const externalEtcd: NodePart = {
  name: 'external-etcd',
  title: 'etcd on its own hosts',
  nodes: async (project) => {
    const scene = await sceneOf(project)
    if (!scene) return []
    const { externalEtcdWork } = await import('../cluster/external-etcd/work.ts')
    return externalEtcdWork(scene)
  },
}

/** Its members take part, one host after the other: joining, starting, restarting with new settings. */
export const etcdMembers: NodePart = {
  name: 'etcd-members',
  title: 'Members of etcd',
  parallel: 1,
  nodes: async (project) => {
    const scene = await sceneOf(project)
    if (!scene) return []
    const { etcdMembersWork } = await import('../cluster/external-etcd/work.ts')
    return etcdMembersWork(scene)
  },
}

async function sceneOf(project: NodeProject): Promise<EtcdScene | undefined> {
  const { config, output, signal } = project
  const { distribution, nodes } = config.cluster
  if (distribution !== 'kubeadm' || !nodes.some(({ roles }) => roles.includes('etcd'))) return undefined
  const { secretProject } = await import('../secrets/project.ts')
  const secrets = secretProject({ root: config.root, output, signal })
  return { ...project, project: secrets, survey: await kubernetesSurvey(project), now: new Date() }
}
