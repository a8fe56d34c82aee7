import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { packageRoot } from '../tasks/lib/cli/root.ts'

/** What each room may import besides itself: whole rooms, and single files of rooms. */
const allowed: Record<string, string[]> = {
  cli: ['config/environment.ts'],
  // A secret value is registered for redaction the moment it is read.
  config: ['cli/errors.ts', 'cli/redact.ts', 'cli/suggest.ts'],
  manifest: ['cli/errors.ts', 'cli/suggest.ts', 'config/model.ts'],
  kubernetes: ['api', 'cli', 'config', 'manifest/object.ts', 'node/kubeadm/paths.ts'],
  api: ['cli', 'config', 'manifest/json.ts', 'manifest/object.ts'],
  sandbox: ['api', 'cli', 'config', 'kubernetes', 'manifest/object.ts'],
  secrets: ['cli', 'config/environment.ts'],
  node: ['cli', 'config'],
  // Joins node and secrets: what is done to a volume, and what is kept of it in secrets/.
  volumes: ['cli', 'config', 'node', 'secrets'],
  // Joins them with the API server: what is done to a cluster as a whole.
  cluster: [
    'api',
    'cli',
    'config',
    'kubernetes',
    'manifest/json.ts',
    'manifest/object.ts',
    'node',
    'sandbox',
    'secrets',
    'volumes',
  ],
  doctor: ['api', 'cli', 'cluster', 'config', 'kubernetes', 'manifest', 'node', 'sandbox', 'secrets'],
  addons: [
    'api',
    'cli',
    'cluster',
    'config',
    'kubernetes',
    'manifest',
    'node',
    'sandbox/target.ts',
    'secrets',
    'volumes',
  ],
  status: ['addons', 'api', 'cli', 'cluster', 'config', 'node', 'sandbox'],
}

const tasks = join(packageRoot(), 'tasks')
const files = readdirSync(tasks, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
const imports = files.flatMap(importsOf)

describe('the rooms', () => {
  test('all stand in the table above', () => {
    const rooms = new Set(files.filter((path) => path.startsWith('lib/')).map(roomOf))
    expect([...rooms].filter((room) => !(room in allowed))).toEqual([])
  })

  test('import no task', () => {
    const wrong = imports.filter(({ from, to }) => from.startsWith('lib/') && isTask(to))
    expect(wrong.map(said)).toEqual([])
  })

  test.each(Object.keys(allowed))('%s imports only what stands below it', (room) => {
    const wrong = imports.filter(
      ({ from, to }) => roomOf(from) === room && to.startsWith('lib/') && !mayImport(room, to),
    )
    expect(wrong.map(said)).toEqual([])
  })
})

test('imports stay inside tasks/ and carry .ts', () => {
  const wrong = imports.filter(({ to }) => to.startsWith('..') || !/\.(ts|json)$/.test(to))
  expect(wrong.map(said)).toEqual([])
})

test('every import finds its file', () => {
  const present = new Set(readdirSync(tasks, { recursive: true, encoding: 'utf8' }))
  expect(imports.filter(({ to }) => !present.has(to)).map(said)).toEqual([])
})

test('only config/environment.ts reads the environment', () => {
  const readers = files.filter((path) =>
    /\bprocess\s*\.\s*env\b|\benv\b[^=\n]*=\s*process\b/.test(read(path)),
  )
  expect(readers.filter((path) => path !== 'lib/config/environment.ts')).toEqual([])
})

test('no file imports itself by way of others', () => {
  const graph = new Map(
    files.map((path) => [path, imports.filter(({ from, lazy }) => from === path && !lazy)]),
  )
  const done = new Set<string>()
  const cycles = files.flatMap((path) => findCycles(path, { graph, done, path: [] }))
  expect(cycles).toEqual([])
})

interface Import {
  from: string
  to: string
  /** import() when called: it makes no cycle. */
  lazy: boolean
}

function importsOf(from: string): Import[] {
  const found: Import[] = []
  const source = ts.createSourceFile(from, read(from), ts.ScriptTarget.Latest)
  const add = (node: ts.Node | undefined, lazy: boolean) => {
    if (node === undefined || !ts.isStringLiteralLike(node) || !node.text.startsWith('.')) return
    found.push({ from, to: relative(tasks, join(tasks, dirname(from), node.text)), lazy })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier, false)
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true)
    const isImportCall = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
    if (isImportCall) add(node.arguments[0], true)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

interface Search {
  graph: Map<string, Import[]>
  done: Set<string>
  path: string[]
}

// Each cycle is told once: at the import that closes it.
function findCycles(file: string, { graph, done, path }: Search): string[] {
  if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(' -> ')]
  if (done.has(file)) return []
  const next = (graph.get(file) ?? []).map(({ to }) => to)
  const cycles = next.flatMap((to) => findCycles(to, { graph, done, path: [...path, file] }))
  done.add(file)
  return cycles
}

function mayImport(room: string, to: string): boolean {
  const path = to.replace(/^lib\//, '')
  return roomOf(to) === room || allowed[room]!.some((part) => path === part || path.startsWith(`${part}/`))
}

function roomOf(path: string): string {
  return path.startsWith('lib/') ? path.split('/')[1]! : ''
}

function isTask(path: string): boolean {
  return !path.startsWith('lib/') && path.endsWith('.ts')
}

function said({ from, to }: Import): string {
  return `${from} imports ${to}`
}

function read(path: string): string {
  return readFileSync(join(tasks, path), 'utf8')
}
