import type { Finding } from '../../cli/errors.ts'
import { placeText } from '../../cli/errors.ts'
import { registerSecret } from '../../cli/redact.ts'
import { poolNames } from '../cluster-file/cluster-fields.ts'
import { type FormatName, formatNamed, unquoted, wordsOf } from '../variables/formats.ts'
import { isSecretName } from '../variables/variable-table.ts'
import { type MakeVariable, makeText } from './make/make-variables.ts'
import type { OldCluster, OldPool } from './old-cluster.ts'
import type { OldToolkit, Taken } from './reading.ts'

/** What the Makefiles say of the cluster itself. */
export type MakeSettings = Pick<OldCluster, 'name' | 'provider' | 'volumesPath' | 'pools' | 'namedVolumes'>

/** Variables that have a field in cluster.yaml, and those that are read for it. */
export const clusterVariables = new Set([
  ...['CLUSTER', 'CLUSTER_NETWORK', 'K8S_NODES', 'K8S_VOLUMES_PATH', 'NAMED_VOLUMES', 'NODES'],
  ...poolNames.flatMap((name) => [`POOL_NUM_${name.toUpperCase()}`, `POOL_SIZE_${name.toUpperCase()}`]),
])

/** Name, pod network, folder, pools and named volumes, as make would have used them. */
export function readMakeSettings(toolkit: OldToolkit): MakeSettings {
  const take = (name: string, format: FormatName) => takeVariable(name, format, toolkit)
  const names = take('NAMED_VOLUMES', 'names')
  const settings = {
    name: take('CLUSTER', 'name'),
    provider: providerOf(take('CLUSTER_NETWORK', 'name'), toolkit.findings),
    volumesPath: take('K8S_VOLUMES_PATH', 'path'),
    namedVolumes: names && { ...names, value: [...new Set(wordsOf(names.value))] },
  }
  const given = Object.entries(settings).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(given), pools: poolNames.map((name) => poolOf(name, take)) }
}

/** Where a variable of make comes from, as a comment says it. */
export function originOf({ name, place, fromEnvironment }: MakeVariable): string {
  return fromEnvironment ? `${name} of the environment, over ${placeText(place)}` : placeText(place)
}

function takeVariable(name: string, format: FormatName, toolkit: OldToolkit): Taken | undefined {
  const variable = toolkit.make.variables.get(name)
  if (!variable) return undefined
  const text = makeText(name, toolkit.make)
  if (isSecretName(name) && typeof text === 'string') registerSecret(text)
  const value = typeof text === 'string' ? unquoted(text) : undefined
  if (value !== undefined && formatNamed(format).accepts(value)) return { value, from: originOf(variable) }
  const { expected } = formatNamed(format)
  const why = typeof text === 'string' ? `is "${text}", expected ${expected}` : text.reason
  const hint = 'write it into cluster.yaml'
  toolkit.findings.push({ severity: 'warning', ...variable.place, message: `${name} ${why}`, hint })
  return undefined
}

function poolOf(name: string, take: (name: string, format: FormatName) => Taken | undefined): OldPool {
  const upper = name.toUpperCase()
  const count = take(`POOL_NUM_${upper}`, 'integer')
  const size = take(`POOL_SIZE_${upper}`, 'size')
  return {
    name,
    ...(count && { count: { ...count, value: String(Number(count.value)) } }),
    ...(size && { size }),
  }
}

// What runs stays as it runs: flannel with another backend, or beside calico, would take the pods' network away.
function providerOf(taken: Taken | undefined, findings: Finding[]): Taken {
  const { value: name, from } = taken ?? { value: 'flannel', from: 'the usual one of the old Makefile' }
  if (name === 'none') return { value: 'none', from }
  const message = `the pod network ${name} (${from}) stays as it runs: network.provider is none`
  const hint =
    name === 'flannel'
      ? 'for metaltasks to update it, set flannel: vxlan then follows host-gw, and pods lose each other for a moment'
      : 'update it as before: metaltasks installs flannel or nothing'
  findings.push({ severity: 'note', message, hint })
  return { value: 'none', from: `${name} runs already, ${from}` }
}
