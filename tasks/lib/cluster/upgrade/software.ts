import type { Step } from '../../cli/change.ts'
import { type Finding, TaskError } from '../../cli/errors.ts'
import type { ClusterNode } from '../../config/model.ts'
import { type NodeStep, planNodes } from '../../node/plan/plan-nodes.ts'
import { imageArchives } from '../../node/software/images/archives.ts'
import { archivesFor } from '../../node/software/images/archives-for.ts'
import { imageResource } from '../../node/software/images/images.ts'
import { upgradedPrograms } from '../../node/software/node-software.ts'
import { openReleaseSource } from '../../node/software/release-source.ts'
import { runningProgram } from '../../node/software/running-program.ts'
import type { ClusterScene } from '../cluster.ts'
import { settingsFiles } from './settings.ts'

/** What the machine of a node lacks. */
export interface NodeSoftware {
  /** Files that its API server is started with. */
  files: Step
  kubeadm: Step
  kubelet: Step
}

/** What has to come to the machines for a version. */
export interface UpgradeSoftware {
  /** To all of them before anything else: nothing runs with it yet. */
  images?: Step
  /** By the name of a node. */
  programs: ReadonlyMap<string, NodeSoftware>
  findings: Finding[]
}

type SoftwareScene = Pick<ClusterScene, 'config' | 'machine' | 'signal' | 'survey'>

/** Asks each machine once what it lacks. */
export async function planSoftware(
  scene: SoftwareScene,
  { nodes, settings }: { nodes: readonly ClusterNode[]; settings: boolean },
): Promise<UpgradeSoftware> {
  const { config, signal, survey, machine } = scene
  const { source } = config.cluster.software
  if (source === 'none') expectInstalled(scene, nodes)
  const images = await imageSteps(scene, nodes)
  const programs = source === 'none' ? [] : await programSteps(scene, nodes)
  const files = nodes.flatMap((node): NodeStep[] => {
    const { isControlPlane, files: present } = survey.states.get(node.name)!
    if (!isControlPlane) return []
    const resources = settingsFiles(config, { present, all: settings })
    return [{ name: `files ${node.name}`, title: '', work: [{ machine: machine(node), resources }] }]
  })
  const quorum = nodes.filter(({ roles }) => roles.includes('control-plane')).map(({ name }) => name)
  const options = { parallel: config.cluster.ssh.parallel, quorum, signal }
  const { steps, findings } = await planNodes([...images, ...programs, ...files], options)
  const byName = new Map(steps.map((step) => [step.name, step]))
  const nothing = { name: '', title: '', waves: [], unchanged: [] }
  const of = (name: string) => byName.get(name) ?? nothing
  return {
    ...(byName.has('images') && { images: of('images') }),
    programs: new Map(
      nodes.map(({ name }) => [
        name,
        { files: of(`files ${name}`), kubeadm: of(`kubeadm ${name}`), kubelet: of(`kubelet ${name}`) },
      ]),
    ),
    findings,
  }
}

async function imageSteps(
  { config, machine }: SoftwareScene,
  nodes: readonly ClusterNode[],
): Promise<NodeStep[]> {
  const { cluster } = config
  if (cluster.software.images === undefined) return []
  const archives = await imageArchives(cluster.software.images)
  const work = nodes.map((node) => {
    const own = archivesFor(node, { archives, cluster })
    return {
      machine: machine(node),
      resources: [imageResource(own, { installedBefore: false, source: node.place })],
    }
  })
  return [{ name: 'images', title: 'Container images of the nodes', work }]
}

async function programSteps(
  { config, machine }: SoftwareScene,
  nodes: readonly ClusterNode[],
): Promise<NodeStep[]> {
  const { cluster } = config
  const options = { cluster, releases: await openReleaseSource(cluster.software) }
  const folder = cluster.software.source === 'packages' ? '/usr/bin' : '/usr/local/bin'
  const kubelet = () => [
    upgradedPrograms(['kubelet', 'kubectl'], options),
    runningProgram('kubelet.service', `${folder}/kubelet`),
  ]
  return nodes.flatMap((node) => [
    {
      name: `kubeadm ${node.name}`,
      title: '',
      work: [{ machine: machine(node), resources: [upgradedPrograms(['kubeadm'], options)] }],
    },
    { name: `kubelet ${node.name}`, title: '', work: [{ machine: machine(node), resources: kubelet() }] },
  ])
}

// Programs that somebody else brings have to be there first.
function expectInstalled({ survey, config }: SoftwareScene, nodes: readonly ClusterNode[]): void {
  const { kubernetesVersion } = config.cluster
  const missing = nodes.filter(({ name }) => survey.states.get(name)?.versions.kubeadm !== kubernetesVersion)
  if (missing.length === 0) return
  const names = missing.map(({ name }) => name).join(', ')
  throw new TaskError(`kubeadm ${kubernetesVersion} is not on ${names}, and software.source is none`, {
    hint: 'install kubeadm, kubelet and kubectl there yourself, or set software: { source: download }',
  })
}
