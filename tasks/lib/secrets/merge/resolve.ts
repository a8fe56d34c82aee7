import { join } from 'node:path'
import { TaskError } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import { writeAtomically } from '../files/write.ts'
import { git, gitBytes } from '../git/git.ts'
import { topFolder } from '../git/top.ts'
import type { Keyring } from '../keys/keyring.ts'
import { fileTypeOf } from '../stores/stores.ts'
import { type Choices, choiceOf, expectChoices } from './conflicts.ts'
import { mergeSealed } from './merge.ts'
import type { Conflict } from './three-ways.ts'

/** Merges a file anew that git's index holds in three states, and writes it; gives what is still in conflict. */
export async function resolveFile(
  file: string,
  { cwd, choices, keyring, now }: { cwd: string; choices: Choices; keyring: Keyring; now: Date },
): Promise<{ path: string; conflicts: Conflict[] }> {
  const { path, stages } = await unmergedStages(file, { cwd })
  const [base, ours, theirs] = await Promise.all(
    [1, 2, 3]
      .map((stage) => stages.get(stage))
      .map((blob) => (blob ? gitBytes(['cat-file', 'blob', blob], { cwd }) : undefined)),
  )
  if (!ours || !theirs) {
    const side = ours ? 'theirs' : 'ours'
    const hint = `keep the file: git add ${quote(file)}; let it go: git rm ${quote(file)}`
    throw new TaskError(`was deleted on one side (${side}) and changed on the other`, { file, hint })
  }
  const asked = new Set<string>()
  const choose = choiceOf(choices)
  const choice = (at: string) => {
    asked.add(at)
    return choose(at)
  }
  const type = fileTypeOf(path)
  const { bytes, conflicts } = await mergeSealed(
    { base, ours, theirs },
    { file: path, type, keyring, now, choice },
  )
  expectChoices(choices, asked)
  await writeAtomically(join(await topFolder(cwd), path), bytes)
  return { path, conflicts }
}

async function unmergedStages(
  file: string,
  { cwd }: { cwd: string },
): Promise<{ path: string; stages: Map<number, string> }> {
  const argv = ['--literal-pathspecs', 'ls-files', '--unmerged', '-z', '--full-name', '--', file]
  const lines = (await git(argv, { cwd })).split('\0').filter(Boolean)
  const found = lines.map((line) => /^\d+ ([0-9a-f]+) (\d)\t(.*)$/s.exec(line)!)
  const path = found[0]?.[3]
  if (path === undefined) {
    throw new TaskError('is in no conflict of git', { file, hint: 'git status lists the files that are' })
  }
  return { path, stages: new Map(found.map(([, blob, stage]) => [Number(stage), blob!])) }
}
