import { SecretError } from '../errors.ts'
import { parseTreePath } from '../low-level/extract.ts'
import { checkKeys, checkVariables } from '../new/secret-values.ts'
import type { FileType } from '../stores/store.ts'
import type { MapNode } from '../tree/tree.ts'
import { deepest } from './change-tree.ts'
import { allValues, isSecret, splitDocument, type ValuePath } from './value-path.ts'

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
  const { steps, rest } = longestMap(branch, typed)
  const isData = (first: unknown) => first === 'data' || first === 'stringData'
  const [start] = steps.length > 0 ? steps : typed.split('.')
  if (!isSecret(branch) || (steps.length > 0 && !isData(start))) return [...steps, ...rest.split('.')]
  const key = isData(start) ? typed.slice(`${start}.`.length) : typed
  checkKeys([key])
  return [isData(start) ? start! : 'stringData', key]
}

// Keys may hold dots themselves: the longest name of a map that is there counts.
function longestMap(branch: MapNode, typed: string): { steps: ValuePath['steps']; rest: string } {
  const maps = allValues([branch]).filter(
    ({ node, name }) => node.type === 'map' && typed.startsWith(`${name}.`),
  )
  const longest = maps.sort((a, b) => b.name.length - a.name.length)[0]
  return { steps: longest?.path.steps ?? [], rest: typed.slice(longest ? longest.name.length + 1 : 0) }
}

function sectionAndKey(branch: MapNode, typed: string): string[] {
  const { steps, rest } = longestMap(branch, typed)
  if (steps.length > 0) return [String(steps[0]), rest]
  const at = typed.indexOf('.')
  return at < 0 ? ['DEFAULT', typed] : [typed.slice(0, at), typed.slice(at + 1)]
}
