import { type Opened, openDocument, resealText, reuseOf, sealBranches } from '../engine.ts'
import { writeAtomically } from '../files/write.ts'
import type { SecretProject } from '../project.ts'
import { differences } from '../stores/differences.ts'
import { storeOf } from '../stores/stores.ts'
import { standingOf } from '../survey/standing.ts'
import type { MapNode } from '../tree/tree.ts'
import { inLayoutOf } from './keep-layout.ts'

export interface Replacing {
  file: string
  project: SecretProject
  /** The new clear state as a tree: where it has the keys of the old one, the old layout and comments stay. */
  tree?: MapNode
  now: Date
}

/**
 * Gives an encrypted file another clear text, under its own data key and recipients: values that are the same keep
 * their ciphertext. Nothing is written where all of it is the same.
 */
export async function replaceClear(
  bytes: Uint8Array,
  { file, project, tree, now }: Replacing,
): Promise<'replaced' | 'unchanged'> {
  const { keyring, shown } = project
  const standing = await standingOf(file, project)
  if (standing.state !== 'sealed') throw standing.error
  const opened = await openDocument(standing.document, { file: shown(file), keyring })
  const store = await storeOf(opened.document.type)
  const [only, ...others] = opened.clear
  const aligned = tree && only && others.length === 0 ? inLayoutOf(only, tree) : undefined
  const wanted = aligned ? [aligned] : store.parse(bytes, { file: shown(file), encrypted: false }).branches
  if (differences(opened.clear, wanted)?.length === 0) return 'unchanged'
  const sealed = aligned
    ? await sealAligned(aligned, { opened, now })
    : await resealText(bytes, opened, { now })
  await writeAtomically(file, sealed, { replacing: standing.bytes })
  return 'replaced'
}

async function sealAligned(
  aligned: MapNode,
  { opened, now }: { opened: Opened; now: Date },
): Promise<Uint8Array> {
  const { file, document, dataKey } = opened
  const { metadata } = document
  const sealed = sealBranches([aligned], { metadata, dataKey, now, file, reuse: reuseOf(opened) })
  const store = await storeOf(document.type)
  return store.rewrite(document, sealed) ?? store.emit(sealed)
}
