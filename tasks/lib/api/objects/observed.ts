import type { KubernetesObject } from '../../manifest/object.ts'

/** Where an object stands, in the words of kstatus (sigs.k8s.io/cli-utils). */
export interface Readiness {
  status: 'Current' | 'InProgress' | 'Failed' | 'Terminating' | 'NotFound'
  /** What is missing, or why it failed; empty when Current. */
  message: string
}

/** What an object alone does not tell. */
export interface ReadinessContext {
  /** For how long the object has been seen as it is. */
  seenSeconds?: number
  /** A claim whose StorageClass binds on first use, with no pod that uses it. */
  waitsForConsumer?: boolean
}

/** One entry of status.conditions. */
export interface Condition {
  type: string
  status: string
  reason?: string
  message?: string
}

// biome-ignore lint/suspicious/noExplicitAny: spec and status of whatever kind the server sends
type Fields = Record<string, any>

/** The parts of an object that readiness is read from. */
export interface Observed extends KubernetesObject {
  spec?: Fields
  status?: Fields & { conditions?: Condition[] }
}

/** Done, nothing to wait for. */
export const current: Readiness = { status: 'Current', message: '' }

/** On its way; the text says what is missing. */
export function inProgress(message: string): Readiness {
  return { status: 'InProgress', message }
}

/** It cannot come true by itself any more. */
export function failed(message: string): Readiness {
  return { status: 'Failed', message }
}

/** A condition of the object by its type. */
export function conditionOf(object: Observed, type: string): Condition | undefined {
  const conditions = object.status?.conditions
  return Array.isArray(conditions) ? conditions.find((condition) => condition?.type === type) : undefined
}

/** "Reason: message" of a condition, as far as it has them. */
export function conditionText({ type, status, reason, message }: Condition): string {
  return [reason, message].filter(Boolean).join(': ') || `${type} is ${status}`
}
