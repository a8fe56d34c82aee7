import { SecretError } from '../errors.ts'
import { parseTreePath } from '../low-level/extract.ts'
import { checkKeys, checkVariables } from '../new/secret-values.ts'
import type { FileType } from '../stores/store.ts'
import type { MapNode } from '../tree/tree.ts'
import { deepest } from './change-tree.ts'
import { isSecret, splitDocument, type ValuePath } from './value-path.ts'

/** Where a value that is not there yet is put: in a Secret, a bare key goes to stringData. Throws where that cannot be. */
export function newPath(
  branches: MapNode[],
  typed: string,
  { file, type }: { file: string; type: FileType },
): ValuePath {
  const { branch: given, rest } = splitDocument(typed, branches)
  const branch = given ?? onlyBranch(branches, { typed: rest, file })
  const steps = stepsOf(branches[branch]!, rest, type)
  const { node, depth } = deepest(branches[branch]!, steps)
  const isFull = node.type === 'leaf' && node.value !== null
  if (isFull || node.type === 'list')
    throw new SecretError(`${steps.slice(0, depth).join('.')} is no map: ${rest} cannot be put into it`, {
      ...{ code: 'treePath', file },
    })
  return { branch, steps }
}

function onlyBranch(branches: MapNode[], { typed, file }: { typed: string; file: string }): number {
  const secrets = branches.flatMap((branch, index) => (isSecret(branch) ? index : []))
  const among = secrets.length > 0 ? secrets : branches.map((_, index) => index)
  if (among.length === 1) return among[0]!
  const hint = `say which one: ${among[0]! + 1}:${typed}`
  throw new SecretError(`has ${branches.length} documents`, { code: 'treePath', file, hint })
}

function stepsOf(branch: MapNode, typed: string, type: FileType): (string | number)[] {
  if (typed.startsWith('[')) return parseTreePath(typed)
  if (type === 'dotenv') {
    checkVariables([typed])
    return [typed]
  }
  if (type === 'ini') return sectionAndKey(branch, typed)
  const known = knownKeys(branch, typed)
  const rest = typed.slice(known.join('.').length).replace(/^\./, '')
  if (!isSecret(branch)) return [...known, ...rest.split('.')]
  const isData = known[0] === 'data' || known[0] === 'stringData' || /^(data|stringData)\./.test(typed)
  if (known.length > 0 && !isData) return [...known, ...rest.split('.')]
  const [, map = 'stringData', key = typed] = /^(data|stringData)\.(.*)$/s.exec(typed) ?? []
  checkKeys([key])
  return [map, key]
}

// Keys may hold dots themselves: the longest one that is there counts.
function knownKeys(branch: MapNode, typed: string): string[] {
  const fitting = branch.items.flatMap((item) =>
    item.type === 'entry' && item.value.type === 'map' && typed.startsWith(`${item.key}.`) ? item : [],
  )
  const [longest] = fitting.sort((a, b) => b.key.length - a.key.length)
  if (longest?.value.type !== 'map') return []
  return [longest.key, ...knownKeys(longest.value, typed.slice(longest.key.length + 1))]
}

function sectionAndKey(branch: MapNode, typed: string): string[] {
  const [section] = knownKeys(branch, typed)
  if (section !== undefined) return [section, typed.slice(section.length + 1)]
  const at = typed.indexOf('.')
  return at < 0 ? ['DEFAULT', typed] : [typed.slice(0, at), typed.slice(at + 1)]
}
