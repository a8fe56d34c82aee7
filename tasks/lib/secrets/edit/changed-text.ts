import type { Finding } from '../../cli/errors.ts'
import { clearText, type Opened } from '../engine.ts'
import { SecretError } from '../errors.ts'
import { storeOf } from '../stores/stores.ts'
import { leaf, type MapNode, type Node } from '../tree/tree.ts'
import { changeText } from './change-text.ts'
import { deepest } from './change-tree.ts'
import { namedChanges } from './changes.ts'
import { newPath } from './new-path.ts'
import { typedValue, type ValueType } from './typed-value.ts'
import { findValue, isBase64, nearby, type ValuePath } from './value-path.ts'

/** A value for a place in a file; without `value` it is taken away. */
export interface NewValue {
  /** As it was typed: stringData.password, password, ["a"][0]. */
  name: string
  value?: string | Uint8Array
}

export interface ChangeOptions {
  /** Of all values; that of the old value, else a text. */
  type?: ValueType
  /** As it is to stand in the file: data of a Secret is base64 already. */
  raw?: boolean
}

/** The clear state of a file after values were changed in it. */
export interface ChangedText {
  text: Buffer
  clear: MapNode[]
  /** Where values stand that were not there before. */
  isNew: ValuePath[]
}

/** The clear text of a file with new values in it; undefined where it has them already. */
export async function changedText(
  values: NewValue[],
  opened: Opened,
  { findings, ...options }: ChangeOptions & { findings: Finding[] },
): Promise<ChangedText | undefined> {
  const { file, document } = opened
  const store = await storeOf(document.type)
  const first = await clearText(opened, { keepFormat: true })
  const isNew: ValuePath[] = []
  let current = store.parse(first, { file, encrypted: false })
  let text: Uint8Array = first
  for (const value of values) {
    const change = changeOf(value, { ...options, branches: current.branches, opened })
    if ('finding' in change) findings.push(change.finding)
    else if (!isThere(current.branches, change)) {
      const { bytes, isAnew } = await changeText(current, change)
      if (isAnew) findings.push({ severity: 'note', message: laidOutAnew, file })
      if (change.isNew) isNew.push(change.path)
      text = bytes
      current = store.parse(text, { file, encrypted: false })
    }
  }
  return text === first ? undefined : { text: Buffer.from(text), clear: current.branches, isNew }
}

const laidOutAnew = 'was laid out anew: its text could not be changed in place'

type PathChange = { path: ValuePath; node?: Node; isNew: boolean }

function changeOf(
  { name, value }: NewValue,
  { branches, opened, type, raw }: ChangeOptions & { branches: MapNode[]; opened: Opened },
): PathChange | { finding: Finding } {
  const { file, document } = opened
  const found = findValue(branches, name, { file })
  if (value === undefined) {
    if (found) return { path: found.path, isNew: false }
    const message = `has no ${name}: there is nothing to take away`
    return { finding: { severity: 'warning', message, file, hint: nearby(branches, name) } }
  }
  if (found && found.node.type !== 'leaf' && type !== 'json') {
    const hint = 'name a value in it; to replace all of it: --type json'
    throw new SecretError(`${found.name} is a ${found.node.type}`, { code: 'treePath', file, hint })
  }
  const path = found?.path ?? newPath(branches, name, { file, type: document.type })
  const isEncoded = !raw && isBase64(branches, path)
  const node = isEncoded
    ? leaf(Buffer.from(value as string).toString('base64'))
    : typedValue(value, { type, old: found?.node, fileType: document.type })
  return { path, node, isNew: !found }
}

function isThere(branches: MapNode[], { path, node }: PathChange): boolean {
  const old = deepest(branches[path.branch]!, path.steps)
  if (!node || old.depth < path.steps.length) return false
  const { added, changed, removed } = namedChanges(
    [{ type: 'map', items: [{ type: 'entry', key: 'v', value: old.node }] }],
    [{ type: 'map', items: [{ type: 'entry', key: 'v', value: node }] }],
  )
  return old.node.type === node.type && added.length + changed.length + removed.length === 0
}
