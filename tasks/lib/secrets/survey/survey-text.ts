import { keyName } from '../keys/master-key.ts'
import { nameOf, type Person } from '../keys/people.ts'
import { accessText } from './recipient-text.ts'
import type { Survey, Surveyed } from './survey.ts'
import { driftText } from './survey-findings.ts'

interface Reading {
  people: Person[]
  now: Date
}

/** One line for each file: what it is, who can read it, how old it is, whether you can, and what .sops.yaml says. */
export function surveyText({ files, others }: Survey, reading: Reading): string {
  const head = ['FILE', 'KIND', 'CAN BE READ BY', 'CHANGED', 'BY YOU', 'BY .SOPS.YAML']
  const rows = [
    ...files.map((file) => row(file, reading)),
    ...others.map(({ shown, state }) => [
      shown,
      state === 'clear' ? 'CLEAR TEXT' : 'DAMAGED',
      '',
      '',
      '',
      '',
    ]),
  ].sort(([a], [b]) => (a! < b! ? -1 : 1))
  if (rows.length === 0) return ''
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((cells) => cells[column]!.length)),
  )
  return [head, ...rows]
    .map(
      (cells) =>
        `${cells
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

/** The same as data. */
export function surveyJson({ files, others }: Survey, { people, now }: Reading) {
  const recipient = (key: Parameters<typeof keyName>[0], group: number) => ({
    name: nameOf(people, key),
    type: key.type,
    id: keyName(key),
    group,
  })
  return {
    files: files.map(({ sealed, kind, ruled, drift, selectorDiffers, opens, mac }) => {
      const { groups, threshold, lastModified } = sealed.document.metadata
      return {
        file: sealed.shown,
        ...{ kind, type: sealed.document.type, threshold, lastModified },
        ageDays: ageDays(lastModified, now),
        recipients: groups.flatMap((group, index) => group.map((key) => recipient(key, index))),
        ...{ opens, ruled, selectorDiffers },
        drift: drift && {
          missing: drift.missing.map((key) => recipient(key, 0)),
          extra: drift.extra.map((key) => recipient(key, 0)),
          regrouped: drift.regrouped,
        },
        mac: mac?.state,
      }
    }),
    others: others.map(({ shown, state }) => ({ file: shown, state })),
  }
}

function row(file: Surveyed, { people, now }: Reading): string[] {
  const { sealed, kind, opens } = file
  const { lastModified } = sealed.document.metadata
  return [
    sealed.shown,
    kind,
    accessText(sealed.document.metadata, people),
    `${lastModified.slice(0, 10)}, ${ageDays(lastModified, now)} d ago`,
    opens === 'unknown' ? 'perhaps' : opens,
    rulesText(file, people),
  ]
}

function rulesText({ ruled, drift, selectorDiffers }: Surveyed, people: Person[]): string {
  if (!ruled) return 'no rule'
  const parts = [
    drift && driftText(drift, people),
    selectorDiffers && 'other values would be encrypted',
  ].filter(Boolean)
  return parts.length > 0 ? parts.join('; ') : 'as it says'
}

function ageDays(lastModified: string, now: Date): number {
  return Math.max(0, Math.floor((now.getTime() - Date.parse(lastModified)) / (24 * 60 * 60 * 1000)))
}
