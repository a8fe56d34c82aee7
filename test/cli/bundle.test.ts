import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundledPackages } from '../../scripts/bundle.ts'
import { isStale } from '../../tasks/lib/cli/commands/freshness.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { run, temporaryFolder, writeFiles } from '../support/cli.ts'

const tsx = fileURLToPath(import.meta.resolve('tsx'))
let clone: string

// A clone of this checkout, built as `npm ci` would.
beforeAll(async () => {
  clone = realpathSync(mkdtempSync(join(tmpdir(), 'tasks-clone-')))
  for (const path of ['tasks', 'scripts', 'manifests', 'package.json', 'tsconfig.json']) {
    cpSync(join(packageRoot(), path), join(clone, path), { recursive: true })
  }
  // Links to the packages, but a .bin of its own: the build links the clone's program into it.
  const packages = join(packageRoot(), 'node_modules')
  mkdirSync(join(clone, 'node_modules/.bin'), { recursive: true })
  symlinkSync(join(packages, '.bin/tsx'), join(clone, 'node_modules/.bin/tsx'))
  for (const name of readdirSync(packages).filter((entry) => !entry.startsWith('.'))) {
    symlinkSync(join(packages, name), join(clone, 'node_modules', name))
  }
  const built = await run(process.execPath, ['--import', tsx, 'scripts/build.ts'], { cwd: clone })
  expect(built).toEqual({ exitCode: 0, stdout: '', stderr: '' })
}, 60_000)

afterAll(() => rmSync(clone, { recursive: true, force: true }))

describe('one command, typed in four ways', () => {
  test.each([[['--help']], [['fish']], [['bsh']], [['--nonsense', 'bash', 'zsh']]])(
    'completion %j',
    async (args) => {
      const ways = [
        await run(join(clone, 'dist/tasks.js'), ['completion', ...args], { cwd: clone }),
        await run(join(clone, 'node_modules/.bin/tsx'), ['tasks/completion.ts', ...args], { cwd: clone }),
        await run(join(clone, 'node_modules/.bin/tsx'), ['tasks/index.ts', 'completion', ...args], {
          cwd: clone,
        }),
        await run('npx', ['tasks', 'completion', ...args], {
          cwd: clone,
          env: { npm_config_offline: 'true' },
        }),
      ]
      const [installed, ...others] = ways.map(({ stderr, ...ran }) => ({
        ...ran,
        stderr: withoutNpm(stderr),
      }))
      expect(others).toEqual([installed, installed, installed])
      expect(`${installed!.stdout}${installed!.stderr}`).not.toBe('')
    },
  )
})

test('the list is the same from the bundle and from the sources', async () => {
  const bundle = await run(join(clone, 'dist/tasks.js'), [], { cwd: clone })
  const sources = await run(process.execPath, ['--import', tsx, 'tasks/index.ts'], { cwd: clone })
  expect(bundle).toEqual(sources)
  expect(bundle.stdout).toContain('completion')
})

test('the list and the version load the front only', () => {
  const program = readFileSync(join(clone, 'dist/tasks.js'), 'utf8')
  expect(program).toMatch(/^#!\/usr\/bin\/env node\n/)
  const commands = ['discover', 'freshness', 'header', 'list', 'start'].map((name) => `commands/${name}`)
  const front = ['errors', 'root', ...commands]
  expect(loadedAtStart(join(clone, 'dist/tasks.js'))).toEqual({
    sources: [...front.map((name) => `tasks/lib/cli/${name}.ts`), 'tasks/index.ts'].sort(),
    packages: [],
  })
})

// Of CommonJS the bundler gives import('yaml') no names, and the sources do not show it.
test('packages inside the bundle are imported at the top of a file only', () => {
  const paths = readdirSync(join(clone, 'tasks'), { recursive: true, encoding: 'utf8' })
  const late = new RegExp(`import\\('(${bundledPackages.join('|')})`)
  const sources = paths.filter((path) => path.endsWith('.ts'))
  expect(sources.filter((path) => late.test(readFileSync(join(clone, 'tasks', path), 'utf8')))).toEqual([])
})

test('a task of the project is TypeScript for the bundle too', async () => {
  const cwd = temporaryFolder({
    '.env': '',
    'tasks/greet.ts': `
      import { defineTask } from '${clone}/tasks/lib/cli/task.ts'
      const greeting: string = 'hello'
      export default defineTask(import.meta, {
        group: 'start', summary: 'greet', examples: [['tasks greet', 'hello']],
        async run({ output, root }) { output.data(greeting + ' from ' + root) },
      })`,
  })
  const ran = await run(join(clone, 'dist/tasks.js'), ['greet'], { cwd })
  expect(ran).toEqual({ exitCode: 0, stdout: `hello from ${cwd}`, stderr: '' })
})

describe('a clone that is newer than its bundle', () => {
  test('runs its sources', async () => {
    const file = join(clone, 'tasks/completion.ts')
    const source = readFileSync(file, 'utf8')
    writeFiles(clone, { 'tasks/completion.ts': source.replace("summary: 'print a", "summary: 'PRINT a") })
    const [list, help] = [
      await run(join(clone, 'dist/tasks.js'), [], { cwd: clone }),
      await run(join(clone, 'dist/tasks.js'), ['completion', '--help'], { cwd: clone }),
    ]
    writeFiles(clone, { 'tasks/completion.ts': source })
    await run(process.execPath, ['--import', tsx, 'scripts/build.ts'], { cwd: clone })
    expect(list.stdout).toContain('PRINT a completion script')
    expect(help.stdout).toContain('PRINT a completion script')
    expect(list.stderr + help.stderr).toBe('')
  })

  const past = new Date('2026-01-01')
  const built = new Date('2026-01-02')
  const later = new Date('2026-01-03')

  test.each<[string, boolean, Record<string, Date>]>([
    ['nothing was written after the build', false, {}],
    ['a source was written', true, { 'tasks/lib/cli/a.ts': later }],
    ['a generated table was written', true, { 'tasks/lib/cli/table.generated.json': later }],
    ['a source was deleted or renamed', true, { 'tasks/lib/cli': later }],
    ['something else was written', false, { 'tasks/lib/go/go.sum': later, 'tasks/lib/go': later }],
  ])('%s: %s', (_, stale, times) => {
    const root = temporaryFolder({
      'dist/tasks.js': '',
      'tasks/lib/cli/a.ts': '',
      'tasks/lib/cli/table.generated.json': '',
      'tasks/lib/go/go.sum': '',
    })
    for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      utimesSync(join(root, path), past, past)
    }
    utimesSync(join(root, 'dist/tasks.js'), built, built)
    for (const [path, time] of Object.entries(times)) utimesSync(join(root, path), time, time)
    expect(isStale(root)).toBe(stale)
  })
})

test('the package holds the bundle and what it reads, and no sources', async () => {
  const packed = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: clone })
  const files = JSON.parse(packed.stdout)[0].files.map(({ path }: { path: string }) => path) as string[]
  expect(files).toEqual(expect.arrayContaining(['dist/tasks.js', 'dist/tasks/completion.js', 'package.json']))
  expect(files.filter((path) => path.endsWith('.ts'))).toEqual([])
})

// What node evaluates before the first line of the program; esbuild names each source in a comment.
function loadedAtStart(program: string) {
  const files = new Set([program])
  const packages = new Set<string>()
  for (const file of files) {
    for (const [, name] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^;]*?"([^"]+)";$/gm)) {
      if (name!.startsWith('.')) files.add(join(file, '..', name!))
      else if (!isBuiltin(name!)) packages.add(name!)
    }
  }
  const comments = [...files].flatMap(
    (file) => readFileSync(file, 'utf8').match(/^\/\/ tasks\/\S+\.ts$/gm) ?? [],
  )
  return {
    sources: [...new Set(comments.map((comment) => comment.slice(3)))].sort(),
    packages: [...packages],
  }
}

// npm's own complaints about its settings.
function withoutNpm(stderr: string): string {
  return stderr.replace(/^npm (warn|notice).*\n/gm, '')
}
