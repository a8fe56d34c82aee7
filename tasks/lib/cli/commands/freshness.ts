import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * True when the bundle of a clone is older than its sources: one was written, moved or deleted since the build began.
 * Costs one stat for each source. The npm package has no sources beside its bundle, so it never is.
 */
export function isStale(root: string): boolean {
  const built = statSync(join(root, 'dist', 'tasks.js')).mtimeMs
  return hasNewer(join(root, 'tasks'), built)
}

// A folder's own time tells of files that were moved or deleted; folders without sources do not count.
function hasNewer(folder: string, time: number): boolean {
  const entries = readdirSync(folder, { withFileTypes: true })
  const sources = entries.filter((entry) => entry.isFile() && /\.(ts|json)$/.test(entry.name))
  if (sources.length > 0 && statSync(folder).mtimeMs > time) return true
  if (sources.some((entry) => statSync(join(folder, entry.name)).mtimeMs > time)) return true
  return entries.some((entry) => entry.isDirectory() && hasNewer(join(folder, entry.name), time))
}
