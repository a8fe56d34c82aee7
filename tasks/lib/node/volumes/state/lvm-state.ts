import { readRecord } from '../record.ts'
import type { Volume } from '../volume.ts'
import { answerOf, type Said, unreadable } from './answers.ts'
import type { GroupState, LogicalState } from './volume-state.ts'

type Row = Record<string, string>

/** The volume group as vgs reports it. */
export function readGroup(answers: Map<string, Said>): GroupState {
  const said = answerOf(answers, 'group', [0, 5, 127])
  if (said.code === 127) return unusable('lvm2 is not installed')
  if (said.code === 5) return unusable(said.complaint || 'vgs failed with exit code 5')
  const [row, ...more] = rowsOf(said, 'vg')
  if (!row || more.length > 0) throw unreadable(`vgs told of ${more.length + (row ? 1 : 0)} volume groups`)
  if (row.vg_exported !== '') return unusable('the volume group is exported')
  const missing = wholeNumber(row, 'vg_missing_pv_count')
  if (missing > 0) return unusable(`${missing} physical volumes of the volume group are missing`)
  const extentBytes = wholeNumber(row, 'vg_extent_size')
  return { isUsable: true, extentBytes, freeExtents: wholeNumber(row, 'vg_free_count') }
}

/** The logical volume of that name as lvs reports it; undefined where the group has none. */
export function readLogical(answers: Map<string, Said>, { name }: Volume): LogicalState | undefined {
  const [row, ...more] = rowsOf(answerOf(answers, 'logical'), 'lv').filter((one) => one.lv_name === name)
  if (more.length > 0) throw unreadable(`lvs told of ${name} twice`)
  if (!row) return undefined
  const { lv_uuid: uuid, lv_active: active, lv_tags: lvTags } = row
  if (!uuid || lvTags === undefined) throw unreadable(`lvs told nothing of ${name}`)
  return {
    uuid,
    bytes: wholeNumber(row, 'lv_size'),
    record: readRecord(lvTags.split(',')),
    isActive: active === 'active',
    number: `${row.lv_kernel_major}:${row.lv_kernel_minor}`,
  }
}

/** The sizes of all logical volumes of the group, in bytes, by their names. */
export function readSizes(answers: Map<string, Said>): Map<string, number> {
  const rows = rowsOf(answerOf(answers, 'logical'), 'lv')
  return new Map(rows.map((row) => [row.lv_name ?? '', wholeNumber(row, 'lv_size')]))
}

function rowsOf({ text }: Said, kind: 'vg' | 'lv'): Row[] {
  try {
    const { report } = JSON.parse(text) as { report: Record<string, Row[]>[] }
    return report.flatMap((part) => part[kind] ?? [])
  } catch {
    throw unreadable(`${kind}s answered no JSON`)
  }
}

function wholeNumber(row: Row, field: string): number {
  const text = row[field] ?? ''
  if (/^[0-9]+$/.test(text)) return Number(text)
  throw unreadable(`${field} is ${JSON.stringify(text)}`)
}

function unusable(reason: string): GroupState {
  return { isUsable: false, reason }
}
