import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Finding, TaskError } from '../../cli/errors.ts'
import type { SecretProject } from '../project.ts'
import { editWith, findEditor } from './editor.ts'
import { memoryFolder } from './memory-folder.ts'
import { type OpenFile, openFile, saveFile } from './open-file.ts'
import { type EditedText, type SealedEdit, sealEdited, textToEdit } from './seal-edited.ts'
import type { Written } from './set-value.ts'
import { isSecret } from './value-path.ts'

export interface EditOptions {
  project: SecretProject
  /** One value of the file, instead of all of it. */
  value?: string
  now(): Date
  dryRun?: boolean
  /** What is wrong with the clear text as a whole. */
  check(text: string, file: string): Promise<Finding[]>
  /** Tells what is wrong; whether the operator goes on editing. */
  again(findings: Finding[]): Promise<boolean>
  tell(findings: Finding[]): void
}

/** Lets the operator edit a secret file, or one value of it, in an editor; its clear text is in memory only. */
export async function editFile(typed: string, options: EditOptions): Promise<Written> {
  const { project, value, now, dryRun } = options
  const file = await openFile(typed, project)
  const { opened, shown, path } = file
  const holdsSecrets = opened.clear.some(isSecret)
  const written: Written = { file: shown, path, holdsSecrets, findings: [...opened.findings] }
  const edit = await editedState(file, { ...options, text: await textToEdit(file, value) })
  if (!edit) return written
  written.findings.push(...edit.findings)
  if (!dryRun) written.findings.push(...(await saveFile(edit.sealed, { file, project, now: now() })))
  return { ...written, changes: edit.changes }
}

async function editedState(
  file: OpenFile,
  { text, tell, again, ...options }: EditOptions & { text: EditedText },
): Promise<SealedEdit | undefined> {
  const folder = memoryFolder()
  try {
    const editor = await findEditor(folder.path)
    if (editor.warning) tell([{ severity: 'warning', message: `${editor.name} ${editor.warning}` }])
    const copy = join(folder.path, text.name)
    writeFileSync(copy, text.bytes, { flag: 'wx', mode: 0o600 })
    for (;;) {
      await editWith(editor, copy)
      const bytes = bytesOf(copy, file.shown)
      if (Buffer.compare(bytes, text.bytes) === 0) return undefined
      const edit = await sealEdited(bytes, { ...options, file, text, now: options.now() }).catch(mendable)
      if (!(edit instanceof TaskError)) return edit
      if (!(await again(edit.findings))) throw nothingChanged(file.shown, edit)
    }
  } finally {
    folder.remove()
  }
}

function bytesOf(copy: string, file: string): Uint8Array {
  try {
    return readFileSync(copy)
  } catch (cause) {
    throw new TaskError('the editor took its text away: nothing was changed', { file, cause })
  }
}

function mendable(error: unknown): TaskError {
  if (error instanceof TaskError) return error
  throw error
}

function nothingChanged(file: string, { findings, message }: TaskError): TaskError {
  const said: Finding = { severity: 'error', message: 'was not changed: the edit was not valid', file }
  return new TaskError(message, { findings: [...findings, said] })
}
