import { extname } from 'node:path'
import type { FileType, Store } from './store.ts'

const byExtension: Record<string, FileType> = {
  '.yaml': 'yaml',
  '.yml': 'yaml',
  '.json': 'json',
  '.env': 'dotenv',
  '.ini': 'ini',
}

/** The kind of a file by its name, as sops tells it; ".env" itself is dotenv. */
export function fileTypeOf(path: string): FileType {
  const name = path.replace(/^.*[\\/]/, '')
  return (
    byExtension[name.startsWith('.') ? (byExtension[name] ? name : extname(name)) : extname(name)] ?? 'binary'
  )
}

/** The store of a kind of file, loaded when it is first needed. */
export async function storeOf(type: FileType): Promise<Store> {
  switch (type) {
    case 'yaml':
      return (await import('./yaml/yaml-store.ts')).yamlStore
    case 'json':
      return (await import('./json/json-store.ts')).jsonStore
    case 'dotenv':
      return (await import('./flat/dotenv-store.ts')).dotenvStore
    case 'ini':
      return (await import('./flat/ini-store.ts')).iniStore
    case 'binary':
      return (await import('./json/binary-store.ts')).binaryStore
  }
}
