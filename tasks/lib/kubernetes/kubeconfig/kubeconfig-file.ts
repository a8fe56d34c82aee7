import { chmod, copyFile, mkdir, readdir, readFile, realpath, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { TaskError } from '../../cli/errors.ts'
import { replaceFile } from '../../cli/replace-file.ts'

const keptBackups = 5

/** The text of a file, "" where there is none. */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    if (isMissing(cause)) return ''
    throw new TaskError(`kubeconfig ${file} cannot be read: ${(cause as Error).message}`, {
      cause,
      hint: `ls -l ${file}`,
    })
  }
}

/**
 * Writes a private file whole or not at all, whenever it is cut off. With a time, what was there is kept beside it
 * as NAME.TIME.bak, the newest five of them. A link stays a link: its file is written.
 */
export async function writeKubeconfig(
  file: string,
  { text, backupAt }: { text: string; backupAt?: Date },
): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    const real = await realpath(file).catch(() => file)
    if (backupAt) await keepBackup(real, backupAt)
    await replaceFile(real, { text, mode: 0o600 })
  } catch (cause) {
    throw new TaskError(`kubeconfig ${file} cannot be written: ${(cause as Error).message}`, {
      cause,
      hint: `ls -ld ${dirname(file)} ${file}`,
    })
  }
}

async function keepBackup(file: string, time: Date): Promise<void> {
  const stamp = time.toISOString().replace(/[-:]|\.\d+/g, '')
  const backup = `${file}.${stamp}.bak`
  try {
    await copyFile(file, backup)
  } catch (error) {
    if (isMissing(error)) return
    throw error
  }
  await chmod(backup, 0o600)
  const pattern = /\.\d{8}T\d{6}Z\.bak$/
  const isBackup = (name: string) => name.replace(pattern, '') === basename(file) && pattern.test(name)
  const backups = (await readdir(dirname(file))).filter(isBackup).sort().reverse()
  for (const old of backups.slice(keptBackups)) await rm(join(dirname(file), old), { force: true })
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
}
