import { suggest } from '../../cli/suggest.ts'
import { SecretError } from '../errors.ts'
import { parseTreePath } from '../low-level/extract.ts'
import { child, type MapNode, type Node } from '../tree/tree.ts'

/** Where a value stands: in which YAML document, and the keys and indexes down to it. */
export interface ValuePath {
  branch: number
  steps: (string | number)[]
}

/** A value of a file, a map or a list, and its place. */
export interface Found {
  path: ValuePath
  node: Node
  /** As it is printed and typed: stringData.password, ports[1]; "2:" before it for the second YAML document. */
  name: string
}

/** All that stands in a file, a map before what it holds. */
export function allValues(branches: MapNode[]): Found[] {
  return branches.flatMap((branch, index) =>
    below(branch, { path: { branch: index, steps: [] }, name: branches.length > 1 ? `${index + 1}:` : '' }),
  )
}

function below(node: Node, { path, name }: Omit<Found, 'node'>): Found[] {
  const at = (step: string | number, value: Node): Found[] => {
    const found = {
      path: { ...path, steps: [...path.steps, step] },
      name: typeof step === 'number' ? `${name}[${step}]` : isStart(name) ? name + step : `${name}.${step}`,
    }
    return [{ ...found, node: value }, ...below(value, found)]
  }
  if (node.type === 'leaf') return []
  if (node.type === 'map')
    return node.items.flatMap((item) => (item.type === 'entry' ? at(item.key, item.value) : []))
  return node.items.flatMap((item, index) => (item.type === 'comment' ? [] : at(index, item)))
}

function isStart(name: string): boolean {
  return name === '' || /^\d+:$/.test(name)
}

/**
 * What somebody means by stringData.password, password or ["stringData"]["password"]; undefined where nothing is called
 * so. Throws a SecretError where several things are.
 */
export function findValue(branches: MapNode[], typed: string, { file }: { file: string }): Found | undefined {
  const all = allValues(branches)
  const { branch, rest } = splitDocument(typed, branches)
  const within = branch === undefined ? all : all.filter(({ path }) => path.branch === branch)
  if (rest.startsWith('[')) {
    const steps = JSON.stringify(parseTreePath(rest))
    return within.find(({ path }) => path.branch === (branch ?? 0) && JSON.stringify(path.steps) === steps)
  }
  const plain = ({ name }: Found) => splitDocument(name, branches).rest
  const exact = within.filter((found) => plain(found) === rest)
  const short = within.filter(
    (found) => found.node.type === 'leaf' && plain(found).endsWith(`.${rest}`) && mayBeShort(found, branches),
  )
  const matching = exact.length > 0 ? exact : short
  if (matching.length <= 1) return matching[0]
  const names = matching.map(({ name }) => name)
  throw new SecretError(`${rest} is ${names.length} values: ${names.join(', ')}`, {
    ...{ code: 'treePath', file, hint: `name it in full: ${names[0]}` },
  })
}

// "name" is a key of a Secret, not the Secret's own name.
function mayBeShort({ path: { branch, steps } }: Found, branches: MapNode[]): boolean {
  return (
    !isSecret(branches[branch]!) || (steps.length === 2 && ['data', 'stringData'].includes(String(steps[0])))
  )
}

/** The same, where something has to be there. Throws a SecretError that says what is. */
export function expectValue(branches: MapNode[], typed: string, { file }: { file: string }): Found {
  const found = findValue(branches, typed, { file })
  if (found) return found
  throw new SecretError(`has no ${typed}`, { code: 'treePath', file, hint: nearby(branches, typed) })
}

/** What to type instead of a name that nothing has. */
export function nearby(branches: MapNode[], typed: string): string | undefined {
  const names = allValues(branches).flatMap(({ node, name }) => (node.type === 'leaf' ? name : []))
  const byKey = new Map(names.map((name) => [name.replace(/^.*?[.:]/, ''), name]))
  const meant = suggest(typed, names) ?? byKey.get(suggest(typed, byKey.keys()) ?? '')
  if (meant) return `did you mean ${meant}?`
  return names.length > 0 ? `there is ${names.slice(0, 20).join(', ')}` : undefined
}

/** "2:a.b" as the second document and a.b, where there are several. */
export function splitDocument(
  typed: string,
  branches: MapNode[],
): { branch: number | undefined; rest: string } {
  const [, number, rest] = /^(\d+):(.*)$/s.exec(typed) ?? []
  const branch = Number(number) - 1
  return branches.length > 1 && rest !== undefined && branches[branch]
    ? { branch, rest }
    : { branch: undefined, rest: typed }
}

/** Whether a document is a Secret of Kubernetes. */
export function isSecret(branch: MapNode): boolean {
  const kind = child(branch, 'kind')
  return kind?.type === 'leaf' && kind.value === 'Secret' && child(branch, 'apiVersion') !== undefined
}

/** Whether a place holds base64: the values of a Secret's data. */
export function isBase64(branches: MapNode[], { branch, steps }: ValuePath): boolean {
  return steps.length === 2 && steps[0] === 'data' && isSecret(branches[branch]!)
}
