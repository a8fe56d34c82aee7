import { createHash } from 'node:crypto'
import { UsageError } from '../../../cli/errors.ts'

/**
 * A bech32 text as rows for paper: the part before the data, then numbered rows of five groups of four, each with four
 * characters that tell a typing error in it:
 *
 *     AGE-SECRET-KEY-1
 *      1: QQPQ ABCD EFGH IJKL MNOP = 7F3A
 */
export function paperRows(text: string): string[] {
  const { prefix, data } = parts(text)
  const rows = data.match(/.{1,20}/g) ?? []
  const lines = rows.map((row, index) => {
    const groups = row.match(/.{1,4}/g)!.join(' ')
    return `${String(index + 1).padStart(2)}: ${groups.padEnd(24)} = ${checksum(prefix, { row, number: index + 1 })}`
  })
  return [prefix, ...lines]
}

/**
 * The texts that somebody typed, or scanned, from paper: their rows, with or without spaces and checksums, in capitals or
 * not; or the whole text on one line. What else stands on the paper does not matter. Throws at the row that is wrong.
 */
export function readPaper(typed: string): string[] {
  const texts: { prefix: string; data: string; rows: number }[] = []
  for (const line of typed.split(/\r?\n/)) {
    const start = /^\s*(AGE-SECRET-KEY-(?:PQ-)?1|BREAK-GLASS-SHARE-1)([0-9A-Z ]*)$/i.exec(line)
    if (start) texts.push({ prefix: start[1]!.toUpperCase(), data: compact(start[2]!), rows: 0 })
    const row = /^\s*(\d+)\s*:\s*([0-9A-Z ]+?)\s*(?:=\s*([0-9A-F]{4})\s*)?$/i.exec(line)
    const text = texts.at(-1)
    if (!row || !text) continue
    text.rows++
    text.data += readRow(row, { prefix: text.prefix, expected: text.rows })
  }
  return texts.filter(({ data }) => data !== '').map(({ prefix, data }) => prefix + data)
}

function readRow(
  [, number, groups, sum]: RegExpExecArray,
  { prefix, expected }: { prefix: string; expected: number },
): string {
  const row = compact(groups!)
  if (Number(number) !== expected)
    throw new UsageError(`row ${expected} is missing: row ${number} came instead`, { hint: again })
  if (sum && sum.toUpperCase() !== checksum(prefix, { row, number: expected }))
    throw new UsageError(
      `row ${number} has a typing error: it does not agree with what stands behind the "="`,
      {
        hint: again,
      },
    )
  return row
}

const again = 'type it again: tasks secrets:key --recover'

function compact(text: string): string {
  return text.replaceAll(/\s/g, '').toUpperCase()
}

// The last "1" of a bech32 text ends its prefix.
function parts(text: string): { prefix: string; data: string } {
  const at = text.lastIndexOf('1') + 1
  return { prefix: text.slice(0, at).toUpperCase(), data: text.slice(at).toUpperCase() }
}

function checksum(prefix: string, { row, number }: { row: string; number: number }): string {
  return createHash('sha256').update(`${prefix} ${number} ${row}`).digest('hex').slice(0, 4).toUpperCase()
}
