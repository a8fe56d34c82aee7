import type { Progress } from '../cli/change.ts'
import type { Config } from '../config/model.ts'
import { openTarget, type Target, type TargetOptions } from '../sandbox/target.ts'

/**
 * The configured cluster, or the sandbox. Where the configuration names no kubeconfig, and kubeadm made the cluster,
 * a control plane is asked for the administrator's.
 */
export function reachTarget(config: Config, options: TargetOptions, progress: Progress): Promise<Target> {
  if (config.cluster.distribution === 'none') return openTarget(config, options, progress)
  const admin = async () => {
    const { readAdminKubeconfig } = await import('./admin.ts')
    return readAdminKubeconfig(config, progress)
  }
  return openTarget(config, { ...options, admin }, progress)
}
