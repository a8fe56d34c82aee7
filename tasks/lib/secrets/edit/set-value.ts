import { type Finding, throwOnErrors } from '../../cli/errors.ts'
import { type Opened, resealText } from '../engine.ts'
import { SecretError } from '../errors.ts'
import type { SecretProject } from '../project.ts'
import { storeOf } from '../stores/stores.ts'
import { isEncrypted } from '../tree/cipher.ts'
import type { Node } from '../tree/tree.ts'
import { deepest } from './change-tree.ts'
import { type ChangeOptions, changedText, type NewValue } from './changed-text.ts'
import { changesText, namedChanges } from './changes.ts'
import { openFile, saveFile } from './open-file.ts'
import { isSecret, type ValuePath } from './value-path.ts'

export interface SetOptions extends ChangeOptions {
  /** Also a new value that the rules of the file leave in clear. */
  clear?: boolean
  dryRun?: boolean
  now: Date
  /** What is wrong with the clear text as a whole. */
  check?(text: string, file: string): Promise<Finding[]>
}

/** What was written, in words, and what was odd about it. */
export interface Written {
  file: string
  path: string
  /** undefined: everything was so already, and nothing was written. */
  changes?: string
  /** There is something in it for the cluster. */
  holdsSecrets: boolean
  findings: Finding[]
}

/** Sets or takes away values of a file: only their ciphertexts, the MAC and the time change. */
export async function setValues(
  values: NewValue[],
  { project, file: typed, ...options }: SetOptions & { project: SecretProject; file: string },
): Promise<Written> {
  const file = await openFile(typed, project)
  const { opened, shown, path } = file
  const findings = [...opened.findings]
  const changed = await changedText(values, opened, { ...options, findings })
  const written = { file: shown, path, holdsSecrets: opened.clear.some(isSecret), findings }
  if (!changed) return written
  const changes = changesText(namedChanges(opened.clear, changed.clear))
  findings.push(...((await options.check?.(changed.text.toString(), shown)) ?? []))
  throwOnErrors(findings)
  const sealed = await resealText(changed.text, opened, options)
  await expectSealed(changed.isNew, { sealed, opened, clear: options.clear })
  if (!options.dryRun) findings.push(...(await saveFile(sealed, { file, project, now: options.now })))
  return { ...written, changes }
}

// Whoever adds a secret must not find it in clear in git: the selector of the file may know nothing of its key.
async function expectSealed(
  paths: ValuePath[],
  { sealed, opened: { document, file }, clear }: { sealed: Uint8Array; opened: Opened; clear?: boolean },
): Promise<void> {
  if (clear || paths.length === 0) return
  const { branches } = (await storeOf(document.type)).parse(sealed, { file, encrypted: true })
  const open = paths.find(({ branch, steps }) => isClear(deepest(branches[branch]!, steps).node))
  if (!open) return
  const { kind, value } = document.metadata.selector
  const message = `${open.steps.join('.')} would not be encrypted: ${kind} of the file is ${value}`
  throw new SecretError(message, {
    ...{ code: 'generic', file, hint: 'a name that is encrypted; or, if it is no secret: --clear' },
  })
}

function isClear(node: Node): boolean {
  if (node.type === 'map') return node.items.some((item) => item.type === 'entry' && isClear(item.value))
  if (node.type === 'list') return node.items.some((item) => item.type !== 'comment' && isClear(item))
  return node.value !== null && node.value !== '' && !isEncrypted(String(node.value))
}
