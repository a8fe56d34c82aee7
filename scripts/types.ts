import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import ts from 'typescript'
import { packageRoot } from '../tasks/lib/cli/root.ts'

// What a project's own tasks import: metaltasks and metaltasks/errors.
const entries = ['task.ts', 'errors.ts']

const folder = join(packageRoot(), 'tasks/lib/cli')
const target = join(packageRoot(), 'dist/lib')
const importPattern = /from '\.\/([\w-]+)\.ts'/g

writeDeclarations()

/** Writes dist/lib/*.d.ts for the npm package: the declarations of the entries, and those that they name. */
function writeDeclarations(): void {
  const program = ts.createProgram(
    entries.map((name) => join(folder, name)),
    {
      declaration: true,
      emitDeclarationOnly: true,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      allowImportingTsExtensions: true,
      target: ts.ScriptTarget.ES2023,
      types: ['node'],
    },
  )
  mkdirSync(target, { recursive: true })
  const names = new Set(entries)
  for (const name of names) {
    program.emit(program.getSourceFile(join(folder, name)), (path, text) => {
      for (const [, imported] of text.matchAll(importPattern)) names.add(`${imported}.ts`)
      write(path, text)
    })
  }
}

// Declarations lie beside .js files there, and are imported by that name.
function write(path: string, text: string): void {
  writeFileSync(join(target, basename(path)), text.replaceAll(importPattern, "from './$1.js'"))
}
