import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../tasks/lib/config/config.ts'
import { moveIn } from '../../tasks/lib/config/moving-in/moving-in.ts'
import { temporaryFolder, writeFiles } from '../support/cli.ts'
import fc from '../support/fast-check.ts'

const names = ['ALPHA', 'BETA', 'GAMMA', 'DELTA']
const words = [
  'a',
  'b c',
  '$$',
  '$(ALPHA)',
  '${BETA}',
  '$(NOBODY)',
  '$(DOMAIN)',
  '"',
  "'",
  '\\#',
  '%',
  '!',
  '`',
  '=',
  '/',
  ' ',
  '\\x',
]
const value = fc.array(fc.constantFrom(...words), { maxLength: 6 }).map((parts) => parts.join('').trim())
const line = fc
  .record({ name: fc.constantFrom(...names), operator: fc.constantFrom('=', '?=', ':=', '+='), value })
  // A reference to a later or the same name may go round in circles, which make refuses too.
  .map(({ name, operator, value: text }) => `export ${name} ${operator} ${text.replaceAll(`$(${name})`, '')}`)

const hasMake = (() => {
  try {
    execFileSync('make', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

test.runIf(hasMake)(
  'every exported variable has the value in the new project that make gives it',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 6 }), async (lines) => {
        const text = `export DOMAIN ?= a.example\n${lines.join('\n')}\n`
        const folder = temporaryFolder({
          'k8s/Makefile.vars': text,
          'k8s/print.mk': `${text}print:\n\t@env -0\n`,
        })
        const theirs = valuesOfMake(join(folder, 'k8s'))
        if (!theirs) return
        const project = temporaryFolder()
        const { files, findings } = moveIn(folder, { environment: {} })
        writeFiles(project, Object.fromEntries(files.map((file) => [file.name, file.text])))
        const { variables } = await loadConfig(project, { environment: {} })
        for (const name of names.filter((one) => lines.some((said) => said.startsWith(`export ${one} `)))) {
          if (findings.some(({ message }) => message.startsWith(`${name} has every kind of quote`))) continue
          expect(bare(variables.get(name)!.value), `${name} of\n${text}\n${files[1]!.text}`).toBe(
            bare(theirs.get(name)!),
          )
        }
      }),
      { numRuns: 100 },
    )
  },
)

// Quotes and blanks around a whole value are left off, as old lists have them, and so they are where it is referred to.
function bare(text: string): string {
  return text.replace(/["'\s]/g, '')
}

// Undefined where make itself refuses the file.
function valuesOfMake(cwd: string): Map<string, string> | undefined {
  try {
    const env = { PATH: process.env.PATH }
    const text = execFileSync('make', ['-s', '-f', 'print.mk', 'print'], {
      cwd,
      env,
      encoding: 'utf8',
      stdio: 'pipe',
    })
    return new Map(
      text.split('\0').map((entry) => [entry.split('=')[0]!, entry.slice(entry.indexOf('=') + 1)]),
    )
  } catch {
    return undefined
  }
}
