import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Change, Step } from '../../cli/change.ts'
import type { Finding } from '../../cli/errors.ts'
import { numbered } from '../../cli/plan/plan-counts.ts'
import { quote } from '../../cli/process/quote.ts'
import { clearMode, writeAtomically } from '../files/write.ts'
import { compileRegex } from '../rules/regex.ts'
import type { SealedFile } from '../survey/standing.ts'
import { selects } from '../tree/selector.ts'
import { child, type MapNode } from '../tree/tree.ts'
import { mapLeaves } from '../tree/walk.ts'

// The names of the values that are encrypted in a file, never a value: "stringData.password".
function encryptedNames({ document }: SealedFile): string[] {
  const { branches, metadata } = document
  if (document.type === 'binary') return ['all of it']
  const selector = selects(metadata.selector, compileRegex)
  const names = branches.flatMap((branch) => {
    const label = branches.length > 1 ? objectName(branch) : ''
    const found: string[] = []
    mapLeaves([branch], selector, ({ item, path, encrypted }) => {
      if (encrypted && item.type === 'leaf') found.push(`${label}${path.join('.')}`)
      return item
    })
    return found
  })
  return [...new Set(names)]
}

// Several documents in one file have keys of the same names.
function objectName(branch: MapNode): string {
  const metadata = child(branch, 'metadata')
  const name = metadata?.type === 'map' ? child(metadata, 'name') : undefined
  return name?.type === 'leaf' ? `${name.value}: ` : ''
}

// Where the list of what somebody could read is kept, from the project's root: .tasks/ is nothing that git sees.
function listFile(name: string): string {
  return join('.tasks', 'secrets', `readable-by-${name.replace(/[^\w.@+-]+/g, '-').slice(0, 60)}.txt`)
}

/**
 * The step that writes down what somebody could read, before it is taken away: a run that was stopped knows it
 * afterwards only from this file, so that what stands there stays.
 */
export function readableStep(files: SealedFile[], { name, root }: { name: string; root: string }): Step {
  const target = listFile(name)
  const path = join(root, target)
  const before = linesOf(path)
  const lines = valuesIn(files).map(({ shown, names }) => `${shown}: ${names.join(', ')}`)
  const after = [...new Set([...before, ...lines])].sort()
  const change: Change = {
    ...{ target, before, after },
    action: before.length > 0 ? 'update' : 'create',
    title: `write down what ${name} could read, in ${target}`,
    run: () => writeList(path, { lines: after, root }),
    verify: async () => {},
  }
  const changes = after.length > before.length ? [change] : []
  return { name: 'readable', title: 'Values to change', waves: [{ changes, parallel: 1 }], unchanged: [] }
}

/** What is to be said of it: that these values have to change where they come from. */
export function readableWords(
  files: SealedFile[],
  { name, root }: { name: string; root: string },
): { findings: Finding[]; next?: string } {
  const file = listFile(name)
  const values = valuesIn(files)
  const count = numbered(
    values.reduce((sum, { names }) => sum + names.length, 0),
    'value',
  )
  const message =
    `${name} could read ${count} in ${numbered(values.length, 'file')}, and still can in old copies and commits: ` +
    'change them where they come from'
  const hint = `their names: tasks secrets:rotate --remove ${name} --dry-run, and afterwards ${file}`
  return {
    findings: values.length > 0 ? [{ severity: 'warning', message, hint }] : [],
    ...((values.length > 0 || existsSync(join(root, file))) && { next: `cat ${quote(file)}` }),
  }
}

function valuesIn(files: SealedFile[]): { shown: string; names: string[] }[] {
  const all = files.map((file) => ({ shown: file.shown, names: encryptedNames(file) }))
  return all.filter(({ names }) => names.length > 0)
}

function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
}

async function writeList(path: string, { lines, root }: { lines: string[]; root: string }): Promise<void> {
  mkdirSync(dirname(path), { recursive: true })
  const ignored = join(root, '.tasks', '.gitignore')
  if (!existsSync(ignored)) writeFileSync(ignored, '*\n')
  await writeAtomically(path, Buffer.from(`${lines.join('\n')}\n`), { mode: clearMode })
}
