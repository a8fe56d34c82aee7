import type { JsonMap } from '../../manifest/object.ts'

/** One rule of KWOK: an object that matches takes these steps. */
export interface Stage extends JsonMap {
  apiVersion: string
  kind: string
  metadata: { name: string }
  spec: JsonMap
}

/** Objects matched by a jq expression over the object. */
export interface Match {
  key: string
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  values?: string[]
}

/** A Stage over objects of one kind. */
export function stage(
  name: string,
  options: { kind: string; matches: Match[]; steps: JsonMap[]; delayMilliseconds?: number },
): Stage {
  const matchExpressions = options.matches.map((jq) => ({ jq: { ...jq } }))
  const delay = options.delayMilliseconds
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: 'v1', kind: options.kind },
      selector: { matchExpressions },
      ...(delay === undefined ? {} : { delay: { durationMilliseconds: delay } }),
      steps: options.steps,
    },
  }
}

/** The step that writes an object's status from a template. */
export function statusStep(template: string): JsonMap {
  return { patch: { subresource: 'status', root: 'status', template } }
}

/** The step that records an Event. */
export function eventStep(type: 'Normal' | 'Warning', reason: string, message: string): JsonMap {
  return { event: { type, reason, message } }
}

/** Matches what is not being deleted. */
export const isLasting: Match = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' }
