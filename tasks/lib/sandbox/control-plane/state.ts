import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { environment } from '../../config/environment.ts'
import type { Ports } from './ports.ts'

/** What a sandbox is from its first start to `sandbox:down --purge`. */
export interface SandboxState {
  /** ISO time of the first start. */
  created: string
  ports: Ports
  /** The project whose rehearsal this is. */
  root: string
  podSubnet: string
  serviceSubnet: string
  /** Version of Kubernetes that the running programs have. */
  kubernetesVersion: string
}

/** The folder of a project's sandbox in the user's state directory; never inside the project. */
export function stateDirectory(root: string): string {
  const home = environment().XDG_STATE_HOME || join(homedir(), '.local', 'state')
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 8)
  return join(home, 'metaltasks', 'sandbox', `${basename(root) || 'root'}-${hash}`)
}

/** The state in a folder; undefined where no sandbox was ever started or its state is unreadable. */
export async function readState(directory: string): Promise<SandboxState | undefined> {
  try {
    return JSON.parse(await readFile(join(directory, 'state.json'), 'utf8')) as SandboxState
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return undefined
    throw error
  }
}

/** Writes the state in one step. */
export async function writeState(directory: string, state: SandboxState): Promise<void> {
  await writeWhole(join(directory, 'state.json'), `${JSON.stringify(state, null, 2)}\n`)
}

/** Writes a private file whole or not at all. */
export async function writeWhole(file: string, text: string): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true, mode: 0o700 })
  const temporary = `${file}.${randomBytes(4).toString('hex')}`
  try {
    await writeFile(temporary, text, { mode: 0o600 })
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Writes a private file where its text differs, and says whether it did. */
export async function writeIfChanged(file: string, text: string): Promise<boolean> {
  const present = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
  if (present === text) return false
  await writeWhole(file, text)
  return true
}

/** True for the error of a file that is not there. */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
}
