import type { Field } from '../field.ts'
import { label, portName, qualifiedName } from '../names.ts'
import { quantityValue } from '../quantities.ts'
import { checkEnvironment } from './environment.ts'
import { checkMounts } from './mounts.ts'
import { checkLifecycle, checkProbe } from './probes.ts'
import { checkChoice, checkFilled, checkName, checkNotNegative, checkRange, checkUnique } from './values.ts'

interface ContainerOptions {
  /** The volumes of the pod by name. */
  volumes: Map<string, Field>
  init?: boolean
}

/** A container of a pod. */
export function checkContainer(container: Field, { volumes, init = false }: ContainerOptions): void {
  checkName(container.at('name'), label)
  checkFilled(container.at('name'))
  checkFilled(container.at('image'), {
    hint: 'write image: NAME:TAG; a base for kustomize leaves it to its kustomization.yaml',
  })
  checkPorts(container.at('ports'))
  checkEnvironment(container)
  checkMounts(container, volumes)
  checkResources(container.at('resources'))
  checkSecurity(container.at('securityContext'))
  checkRuns(container, init)
}

function checkPorts(ports: Field): void {
  for (const port of ports.items) {
    checkName(port.at('name'), portName)
    if (port.at('containerPort').number !== undefined)
      checkRange(port.at('containerPort'), { min: 1, max: 65535 })
    if (port.at('hostPort').number !== 0) checkRange(port.at('hostPort'), { min: 1, max: 65535 })
  }
  checkUnique(
    ports.items.map((port) => port.at('name')),
    'the port name',
  )
}

/** Requests and limits of a container. */
function checkResources(resources: Field): void {
  const limits = resources.at('limits')
  for (const list of [limits, resources.at('requests')]) list.fields.forEach(checkResource)
  for (const request of resources.at('requests').fields) {
    const limit = limits.at(request.key)
    const [asked, most] = [quantityValue(request.value), quantityValue(limit.value)]
    if (asked === undefined || most === undefined || asked <= most) continue
    request.error(`expected at most the limit, ${limit.value}`, { got: true })
  }
}

function checkResource(resource: Field): void {
  const { key } = resource
  checkNotNegative(resource)
  if (/^(cpu|memory|ephemeral-storage|hugepages-.+)$/.test(key)) return
  if (!key.includes('/')) {
    const hint = /^(mem|ram)/i.test(key)
      ? 'write memory'
      : 'containers have cpu, memory and ephemeral-storage'
    resource.error('unknown resource', { hint })
  } else if (!qualifiedName.accepts(key)) resource.error(`expected as the name ${qualifiedName.expected}`)
}

function checkSecurity(security: Field): void {
  for (const name of ['runAsUser', 'runAsGroup']) checkRange(security.at(name), { min: 0, max: 2 ** 31 - 1 })
  if (security.at('allowPrivilegeEscalation').value !== false) return
  const grows = security.at('privileged').value === true || adds(security, 'CAP_SYS_ADMIN')
  if (grows) security.at('allowPrivilegeEscalation').error('cannot be false for a privileged container')
}

function adds(security: Field, capability: string): boolean {
  return security.at('capabilities', 'add').items.some((item) => item.text === capability)
}

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe']

function checkRuns(container: Field, init: boolean): void {
  const policy = container.at('restartPolicy')
  checkChoice(policy, ['Always', 'OnFailure', 'Never'])
  const endsFirst = init && policy.text !== 'Always'
  for (const name of endsFirst ? ['lifecycle', ...probes] : []) {
    if (container.at(name).isMissing) continue
    container.at(name).error('an init container has none unless its restartPolicy is Always')
  }
  if (endsFirst) return
  checkLifecycle(container.at('lifecycle'))
  for (const name of probes) checkProbe(container.at(name), { succeedsOnce: name !== 'readinessProbe' })
}
