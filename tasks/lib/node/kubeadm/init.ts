import type { Action, Answer, Resource } from '../resource.ts'
import { wholeAnswer } from '../system/answers.ts'
import { begin, certify, check, finish, type InitOptions, start } from './init-steps.ts'
import { beginningFile, kubeletConfig, restoredRecord } from './paths.ts'
import { readRecord } from './record.ts'

/**
 * A cluster's first control plane. Each command may be cut off: what was begun is recorded before, and the next run goes
 * on from there; on a machine that has anything of another cluster it stops.
 */
export function firstControlPlane(options: InitOptions): Resource {
  return {
    target: 'first control plane',
    source: options.source,
    probe: `echo "record $(cat ${beginningFile} 2>/dev/null)"
test ! -e ${kubeletConfig} || echo member
test ! -e ${restoredRecord} || echo restored`,
    plan: (answer) => ({ actions: initActions(initState(answer), options) }),
  }
}

interface InitState {
  record: ReturnType<typeof readRecord>
  isMember: boolean
  isRestored: boolean
}

function initState(answer: Answer): InitState {
  const lines = wholeAnswer(answer).split('\n')
  const record = lines.find((line) => line.startsWith('record '))?.slice(7) ?? ''
  return {
    record: readRecord(record),
    isMember: lines.includes('member'),
    isRestored: lines.includes('restored'),
  }
}

function initActions({ record, isMember, isRestored }: InitState, options: InitOptions): Action[] {
  if (!record && isMember) return []
  const reached = record?.reached
  const isNew = reached === undefined
  return [
    begin(options, { isNew, isRestored, reached }),
    ...(isNew || reached === 'begun' ? [check(), certify(isRestored)] : []),
    ...(reached === 'started' ? [] : [start(options)]),
    finish(options, isRestored),
  ]
}
