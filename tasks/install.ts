import { etcdBackups } from './lib/addons/backup-parts.ts'
import { endpoint, endpointSettled } from './lib/addons/endpoint-parts.ts'
import { etcdMembers, externalEtcd } from './lib/addons/external-etcd-parts.ts'
import {
  clusterInit,
  controlPlaneFiles,
  controlPlanes,
  nodeTaints,
  servingCertificates,
  workers,
} from './lib/addons/kubeadm-parts.ts'
import { planLayer } from './lib/addons/layer.ts'
import { manifest, nodeLabels, nodePrepare, persistentVolumes, secrets } from './lib/addons/parts.ts'
import { persistentDirectories } from './lib/addons/persistent-parts.ts'
import { nodeImages, nodeSoftware } from './lib/addons/software-parts.ts'
import { syncedFolders, syncPrograms } from './lib/addons/sync-parts.ts'
import { volumeLayer } from './lib/addons/volume-parts.ts'
import { readSavedPlan, refuseStale } from './lib/cli/plan/saved-plan.ts'
import { filterSteps } from './lib/cli/plan/steps.ts'
import { defineTask } from './lib/cli/task.ts'

/** Machines, cluster and base layer from the bottom up. Each line can be had alone: `tasks install --only NAME`. */
export const baseLayer = [
  nodePrepare,
  ...volumeLayer,
  persistentDirectories,
  syncPrograms,
  syncedFolders,
  nodeSoftware,
  nodeImages,
  externalEtcd,
  etcdMembers,
  endpoint,
  controlPlaneFiles,
  clusterInit,
  endpointSettled,
  controlPlanes,
  workers,
  servingCertificates,
  etcdBackups,
  nodeLabels,
  nodeTaints,
  manifest('priority-classes'),
  manifest('storage-classes'),
  manifest('namespace-config'),
  secrets,
  persistentVolumes,
  manifest('flannel'),
  manifest('metrics-server'),
  manifest('local-path'),
  manifest('ingress-nginx'),
  manifest('headlamp'),
]

export default defineTask(import.meta, {
  group: 'start',
  summary: 'make the cluster what the configuration says: plan, confirm, apply, wait',
  description:
    'With nothing configured the target is the sandbox: a real control plane on loopback with simulated nodes. ' +
    'A second run changes nothing and says so; a run that was killed goes on where it was.',
  options: {
    plan: {
      type: 'string',
      valueName: 'FILE',
      summary: 'make the changes of a saved plan, or none if anything has moved since',
      complete: 'files',
    },
  },
  examples: [
    ['tasks install', 'show the plan, ask, apply it, wait until everything is ready'],
    ['tasks install --dry-run', 'show the plan only, line by line'],
    ['tasks install --only flannel,metrics-server', 'only these steps'],
    ['tasks install --sandbox', 'rehearse the configuration of a real cluster'],
  ],
  async plan(context) {
    const plan = await planLayer(baseLayer, { ...context, next: 'tasks status' })
    const file = context.options.plan
    if (file) refuseStale(await readSavedPlan(file), { plan: filterSteps(plan, context.options.only), file })
    return plan
  },
})
