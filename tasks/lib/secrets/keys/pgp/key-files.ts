import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KeyPlaces } from '../key-source.ts'
import { armoredBlocks, type KeyBlock, keyBlocks } from './packets.ts'

/** A key, and the file that it was found in. */
export interface FoundKey extends KeyBlock {
  file: string
}

/** Where gpg keeps its keys: $GNUPGHOME, or ~/.gnupg; undefined for a user without a home. */
export function gnupgHome({ environment, home }: KeyPlaces): string | undefined {
  return environment.GNUPGHOME || (home && join(home, '.gnupg'))
}

/** Every key, public or secret, in the NAME.asc files of the project and in the keyrings of gpg before 2.1. */
export async function readKeyFiles(places: KeyPlaces): Promise<FoundKey[]> {
  const rings = gnupgHome(places)
  const listed = await Promise.all(places.publicKeys.map(armoredFiles))
  const files = [...listed.flat(), ...(rings ? oldRings.map((name) => join(rings, name)) : [])]
  const found = await Promise.all(files.map(keysIn))
  return found.flat()
}

const oldRings = ['secring.gpg', 'pubring.gpg']

async function armoredFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(orElse<string[]>([]))
  return names
    .filter((name) => name.endsWith('.asc'))
    .sort()
    .map((name) => join(folder, name))
}

async function keysIn(file: string): Promise<FoundKey[]> {
  const bytes = await readFile(file).catch(orElse(Buffer.alloc(0)))
  return keysOf(bytes).map((key) => ({ ...key, file }))
}

/** The keys in the bytes of a key file, armored or not. */
export function keysOf(bytes: Buffer): KeyBlock[] {
  const isBinary = ((bytes[0] ?? 0) & 0x80) !== 0 && !bytes.includes('-----BEGIN PGP ')
  if (isBinary) return keyBlocks(bytes)
  const blocks = armoredBlocks(bytes.toString())
  return blocks.filter(({ kind }) => kind.endsWith('KEY BLOCK')).flatMap((block) => keyBlocks(block.bytes))
}

/** For what need not be there; a file that may not be read is as good as none. */
function orElse<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR'].includes(error.code ?? '')) return value
    throw error
  }
}
