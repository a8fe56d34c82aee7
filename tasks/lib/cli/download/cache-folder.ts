import { homedir } from 'node:os'
import { join } from 'node:path'
import { environment } from '../../config/environment.ts'

/** A folder of the user's cache, for all projects; what is in it can be got again. */
export function cacheFolder(name: string): string {
  const home = environment().XDG_CACHE_HOME || join(homedir(), '.cache')
  return join(home, 'metaltasks', name)
}
