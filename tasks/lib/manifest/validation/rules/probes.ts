import type { Field } from '../field.ts'
import { checkExactlyOne, checkFilled, checkPort, checkRange } from './values.ts'

const handlers = ['httpGet', 'tcpSocket', 'exec', 'grpc']

/** A liveness, readiness or startup probe. */
export function checkProbe(probe: Field, { succeedsOnce }: { succeedsOnce: boolean }): void {
  if (probe.isMissing) return
  checkExactlyOne(probe, handlers, 'what to probe')
  for (const name of handlers) checkHandler(probe.at(name))
  const seconds = [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'failureThreshold',
    'successThreshold',
  ]
  for (const name of seconds) checkRange(probe.at(name), { min: 0 })
  const successes = probe.at('successThreshold')
  if (succeedsOnce && successes.number !== undefined && successes.number > 1) {
    successes.error('expected 1 for a liveness or startup probe', { got: true })
  }
  const grace = probe.at('terminationGracePeriodSeconds')
  if (!succeedsOnce) {
    if (!grace.isMissing) grace.error('a readiness probe has none')
    return
  }
  checkRange(grace, { min: 1 })
}

/** What runs when a container starts and before it stops. */
export function checkLifecycle(lifecycle: Field): void {
  for (const hook of [lifecycle.at('postStart'), lifecycle.at('preStop')]) {
    checkExactlyOne(hook, ['exec', 'httpGet', 'tcpSocket', 'sleep'], 'what to run')
    for (const action of hook.fields) checkHandler(action)
  }
}

function checkHandler(action: Field): void {
  if (action.isMissing) return
  if (action.key === 'exec') checkFilled(action.at('command'))
  if (action.key === 'grpc') checkPort(action.at('port'))
  if (action.key === 'httpGet' || action.key === 'tcpSocket') checkPort(action.at('port'), { named: true })
}
