import { type Finding, TaskError } from '../../cli/errors.ts'
import type { KeyGroup, MasterKey } from '../keys/master-key.ts'
import type { Policy } from '../rules/policy.ts'
import { recipientDrift } from '../survey/drift.ts'
import type { SealedFile } from '../survey/standing.ts'
import type { Rekeying } from './rekey-change.ts'
import { isOf, type Somebody } from './somebody.ts'

/** Who goes and who comes. */
export interface Turnover {
  removed: Somebody[]
  added: Somebody[]
}

/** A file with a new data key, for those who stay and those who come; with a policy, as its creation rule says. */
export function renewed(
  sealed: SealedFile,
  { turnover, policy }: { turnover: Turnover; policy?: Policy },
): Rekeying {
  const { metadata } = sealed.document
  const { groups, threshold, selector, macOnlyEncrypted } = policy ?? metadata
  const stay = groups.map((group) => group.filter((key) => !turnover.removed.some((who) => isOf(who, key))))
  const sealing = { groups: withKeys(stay, turnover.added), threshold, selector, macOnlyEncrypted }
  return { sealed, sealing, renew: true }
}

/** Whether somebody goes from this file, or comes to it. */
export function isConcerned({ sealed, sealing }: Rekeying): boolean {
  return recipientDrift(sealed.document.metadata, sealing) !== undefined
}

/** Throws one TaskError for the files that nobody, or not enough groups, could open any more, or nobody can be added to. */
export function expectRecipients(files: Rekeying[], { added }: Turnover): void {
  const findings = files.flatMap(({ sealed: { shown }, sealing: { groups } }): Finding[] => {
    const hint = 'write the groups into .sops.yaml, then: tasks secrets:rotate --recipients'
    const refused = (message: string): Finding[] => [{ severity: 'error', message, file: shown, hint }]
    if (groups.length > 1 && groups.some((group) => group.length === 0))
      return refused('one of its key groups would have no recipient left')
    if (groups.flat().length === 0) return refused('nobody could open it any more: it has no other recipient')
    if (groups.length > 1 && added.length > 0)
      return refused('has several key groups: which one to add to is for you to say')
    return []
  })
  if (findings.length > 0) throw new TaskError('nothing was changed', { findings })
}

function withKeys([first = [], ...others]: KeyGroup[], added: Somebody[]): KeyGroup[] {
  if (others.length > 0) return [first, ...others]
  const isNew = (key: MasterKey) => !first.some((known) => isOf({ name: '', keys: [known], files: [] }, key))
  return [[...first, ...added.flatMap(({ keys }) => keys).filter(isNew)]]
}
