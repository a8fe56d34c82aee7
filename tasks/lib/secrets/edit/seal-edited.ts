import { basename } from 'node:path'
import { type Finding, throwOnErrors } from '../../cli/errors.ts'
import { registerClearValues } from '../clear-values.ts'
import { clearText, type Opened, parseSealed, resealText } from '../engine.ts'
import { storeOf } from '../stores/stores.ts'
import { textOrBytes } from '../tree/values.ts'
import { changedText } from './changed-text.ts'
import { changesText, namedChanges } from './changes.ts'
import type { OpenFile } from './open-file.ts'
import { plainBytes } from './plain-value.ts'
import { expectValue } from './value-path.ts'

/** What is put before the operator: a file, or one value of it. */
export interface EditedText {
  /** Of the file in memory: editors tell from it what the text is. */
  name: string
  bytes: Uint8Array
  /** The clear text of the whole file after an edit. */
  toFile(edited: Uint8Array): Promise<Uint8Array>
}

/** An edit, encrypted in memory, and what it changed in words. */
export interface SealedEdit {
  sealed: Uint8Array
  changes: string
  findings: Finding[]
}

/** A file in its own layout; or one value of it as a program takes it, which data of a Secret is not. */
export async function textToEdit({ path, opened }: OpenFile, value: string | undefined): Promise<EditedText> {
  if (value === undefined) {
    const bytes = await clearText(opened, { keepFormat: true })
    return { name: basename(path), bytes, toFile: async (edited) => edited }
  }
  const { clear, file } = opened
  const found = expectValue(clear, value, { file })
  const bytes = plainBytes(found, { branches: clear, file })
  const name = String(found.path.steps.at(-1)).replace(/[^\w.-]+/g, '_')
  return { name, bytes, toFile: (edited) => withValue(opened, { name: found.name, edited, old: bytes }) }
}

// An editor puts a line end behind the last line: a value that had none keeps to that.
async function withValue(
  opened: Opened,
  { name, edited, old }: { name: string; edited: Uint8Array; old: Uint8Array },
): Promise<Uint8Array> {
  const isAdded = edited.at(-1) === 0x0a && old.at(-1) !== 0x0a
  const value = textOrBytes(isAdded ? edited.subarray(0, -1) : edited)
  const changed = await changedText([{ name, value }], opened, { findings: [] })
  return changed?.text ?? clearText(opened, { keepFormat: true })
}

/** Encrypts an edit in memory. Throws a TaskError that says what is wrong with it, and never shows a value. */
export async function sealEdited(
  bytes: Uint8Array,
  {
    file: { opened, shown },
    text,
    now,
    check,
  }: {
    file: OpenFile
    text: EditedText
    now: Date
    check(text: string, file: string): Promise<Finding[]>
  },
): Promise<SealedEdit> {
  const { type } = opened.document
  const edited = await text.toFile(bytes)
  const sealed = await resealText(edited, opened, { now })
  const { branches: clear } = (await storeOf(type)).parse(edited, { file: shown, encrypted: false })
  registerClearValues({ document: await parseSealed(sealed, { file: shown, type }), clear })
  const findings = await check(Buffer.from(edited).toString(), shown)
  throwOnErrors(findings)
  return { sealed, changes: changesText(namedChanges(opened.clear, clear)), findings }
}
