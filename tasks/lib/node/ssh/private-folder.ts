import { readdirSync, rmSync, statSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { environment } from '../../config/environment.ts'

const prefix = 'metaltasks-ssh-'

// A socket's path may have 104 bytes, and ssh puts 17 more behind it while it opens one.
const longestBase = 50

/** A folder of this process for settings and sockets; what killed runs left is removed. */
export async function privateFolder(): Promise<string> {
  const bases = [environment().XDG_RUNTIME_DIR, tmpdir(), '/tmp'].filter((base) => base !== undefined)
  for (const base of bases.filter(({ length }) => length <= longestBase)) {
    // mkdtemp makes a folder that only its owner may enter.
    const made = await mkdtemp(join(base, `${prefix}${process.pid}-`)).catch(passable)
    if (made === undefined) continue
    sweep(base)
    return made
  }
  return mkdtemp(`/tmp/${prefix}${process.pid}-`)
}

// A runtime folder of another user's session, or one that is gone.
function passable(error: NodeJS.ErrnoException): undefined {
  if (!['ENOENT', 'EACCES', 'EROFS', 'ENOTDIR', 'EPERM', 'ENOSPC'].includes(error.code ?? '')) throw error
}

// Their connections end by themselves when nobody used them for two minutes.
function sweep(base: string): void {
  const left = readdirSync(base).filter((name) => name.startsWith(prefix))
  for (const name of left) {
    const pid = Number(name.slice(prefix.length).split('-')[0])
    try {
      if (isGone(pid) && isOld(join(base, name))) rmSync(join(base, name), { recursive: true, force: true })
    } catch {
      // Another user's, or removed meanwhile.
    }
  }
}

// Its process may be there where we cannot see it: in another container.
function isOld(folder: string): boolean {
  return Date.now() - statSync(folder).mtimeMs > 86_400_000
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
