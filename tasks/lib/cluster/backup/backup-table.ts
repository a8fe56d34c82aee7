import type { KnownSet } from './backup-list.ts'

/** Sets as a table, the newest first. */
export function backupTable(sets: readonly KnownSet[]): string {
  if (sets.length === 0) return 'no backups\n'
  const rows = sets.map(({ set, placed }) => [
    set.name,
    sizeText(set.bytes),
    String(set.keys),
    String(set.revision),
    placed.map(({ label }) => label).join(', '),
  ])
  const all = [['BACKUP', 'SIZE', 'KEYS', 'REVISION', 'PLACES'], ...rows]
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}

/** Sets for programs. */
export function backupRows(sets: readonly KnownSet[]) {
  return sets.map(({ set, placed }) => ({ ...set, places: placed.map(({ label }) => label) }))
}

function sizeText(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
