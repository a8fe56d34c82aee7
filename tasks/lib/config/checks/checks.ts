import type { Finding } from '../../cli/errors.ts'
import { type Checked, placeOfVariable } from '../cluster-file/places.ts'
import type { Config } from '../model.ts'
import { unsupportedVersion } from '../variables/supported-versions.ts'
import { checkEndpoint } from './check-endpoint.ts'
import { checkMachines } from './check-machines.ts'
import { checkNetwork } from './check-network.ts'
import { checkNodes } from './check-nodes.ts'
import { checkVariables } from './check-variables.ts'
import { checkVolumes } from './check-volumes.ts'

/** Every contradiction between values that are each well-formed. Pure: no file, server or clock. */
export function checkConfig(config: Config, options: Omit<Checked, 'config'>): Finding[] {
  const checked: Checked = { config, ...options }
  return [
    ...checkVariables(checked),
    ...checkVersion(checked),
    ...checkNodes(checked),
    ...checkMachines(checked),
    ...checkEndpoint(checked),
    ...checkNetwork(checked),
    ...checkVolumes(checked),
    ...checkPodNetwork(checked),
  ]
}

function checkVersion(checked: Checked): Finding[] {
  const wrong = unsupportedVersion(checked.config.cluster.kubernetesVersion)
  if (!wrong) return []
  return [{ severity: 'error', ...placeOfVariable(checked, 'K8S_VERSION'), ...wrong }]
}

function checkPodNetwork(checked: Checked): Finding[] {
  const { addons, network } = checked.config.cluster
  const place = checked.places.get('addons.flannel.enabled') ?? placeOfVariable(checked, 'CLUSTER_NETWORK')
  if (addons.flannel!.enabled && network.provider === 'none') {
    const message = 'flannel is switched on, but the pod network is none'
    return [
      {
        severity: 'error',
        ...place,
        message,
        hint: 'set network.provider to flannel, or addons.flannel to false',
      },
    ]
  }
  if (!addons.flannel!.enabled && network.provider === 'flannel') {
    const message = 'the pod network is flannel, but the add-on is switched off: pods will have no network'
    return [
      { severity: 'warning', ...place, message, hint: 'set network.provider to none if you bring your own' },
    ]
  }
  return []
}
