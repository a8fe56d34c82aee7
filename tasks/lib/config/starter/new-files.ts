import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StarterFile } from './starter.ts'

/** Writes a file whole or not at all; false, and nothing changed, where one of that name exists. */
export async function writeNewFile(folder: string, { name, text }: StarterFile): Promise<boolean> {
  await mkdir(folder, { recursive: true })
  const temporary = await writeTemporary(folder, { name, text })
  try {
    // Unlike a rename, a link never replaces what somebody wrote in the meantime.
    await link(temporary, join(folder, name))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(temporary, { force: true })
  }
}

/** Adds the lines that a file does not have yet, and gives those; the file need not exist. */
export async function addMissingLines(
  folder: string,
  file: { name: string; lines: string[] },
): Promise<string[]> {
  const path = join(folder, file.name)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const present = new Set(text.split(/\r?\n/).map((line) => line.trim()))
  const missing = file.lines.filter((line) => !present.has(line))
  if (missing.length === 0) return []
  const separator = text === '' || text.endsWith('\n') ? '' : '\n'
  const whole = `${text}${separator}${missing.join('\n')}\n`
  await mkdir(folder, { recursive: true })
  await rename(await writeTemporary(folder, { name: file.name, text: whole }), path)
  return missing
}

async function writeTemporary(folder: string, { name, text }: StarterFile): Promise<string> {
  const path = join(folder, `.${name.replace(/^\./, '')}.${process.pid}.new`)
  await writeFile(path, text)
  return path
}
