import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import realPrograms, { programFile } from '../../test/support/real-programs.ts'
import { alternate, timed } from './alternate.ts'
import { below, median, rowOf, secondsText, timesFaster } from './bar.ts'
import type { Chapter } from './chapter.ts'
import type { Lab } from './lab.ts'
import { runProgram } from './program.ts'
import { ageTree, deploymentText, pgpTree, rulesText, type SecretTree } from './secret-tree.ts'

const few = 200
const many = 2000
const staged = 1000

type FiveTimes = [number[], number[], number[], number[], number[]]

/** Encrypted files: opened by the hundred, and looked at before a commit. */
export const secrets: Chapter = {
  name: 'secrets',
  async measure(lab, { runs, slowRuns }) {
    lab.say('looking for the real sops, building it where it is missing')
    await realPrograms()
    lab.say(`encrypting ${many + 2 * few} files`)
    const age = await ageTree(lab.folder, few)
    const all = await ageTree(lab.folder, many)
    const pgp = await pgpTree(lab.folder, few)
    for (const tree of [age, pgp]) await expectSameText(lab, tree)
    const times = await alternate(
      [
        { name: 'tasks, age, 200 files', run: () => ours(lab, age) },
        { name: 'sops, age, 200 processes', run: () => theirs(age) },
        { name: 'tasks, PGP, 200 files', run: () => ours(lab, pgp) },
        { name: 'sops, PGP, 200 processes', run: () => theirs(pgp) },
        { name: 'tasks, age, 2,000 files', run: () => ours(lab, all) },
      ],
      { runs: slowRuns },
    )
    const guard = await guardTimes(lab, { tree: age, runs })
    const [oursFew, theirsFew, oursPgp, theirsPgp, oursMany] = [...times.values()] as FiveTimes
    const theirsMany = theirsFew.map((seconds) => (seconds * many) / few)
    return {
      title: 'Secrets',
      method:
        'Kubernetes Secrets of four values, encrypted for one key. One `tasks secrets:decrypt FILE…` process against one process of ' +
        `sops 3.13.3 for each file, one after the other; what they print is compared first. 2,000 processes of sops were not ` +
        'run: their time is ten times that of 200. The age key is an X25519 one; the PGP key is of curve 25519, and both programs ' +
        'read it from secring.gpg, without gpg. The guard: whole processes of `tasks secrets:guard` in a git repository with ' +
        '1,000 staged files, 200 of them encrypted.',
      rows: [
        ...[...times].map(([name, seconds]) => rowOf(name, seconds)),
        { ...rowOf('sops, age, 2,000 processes', theirsMany), note: 'ten times 200' },
        rowOf('secrets:guard, 1,000 staged files', guard),
      ],
      bars: [
        timesFaster('200 files with an age key', { ours: oursFew, theirs: theirsFew, least: 8 }),
        timesFaster('2,000 files with an age key', { ours: oursMany, theirs: theirsMany, least: 15 }),
        timesFaster('200 files with a PGP key', { ours: oursPgp, theirs: theirsPgp, least: 8 }),
        below('secrets:guard with 1,000 staged files', {
          value: median(guard),
          limit: 0.15,
          text: secondsText,
        }),
      ],
    }
  },
}

/** Seconds of one process that prints them all. */
async function ours({ tasks }: Lab, { files, env }: SecretTree): Promise<number> {
  return (await runProgram([process.execPath, tasks, 'secrets:decrypt', ...files], { env })).seconds
}

async function theirs({ files, env }: SecretTree): Promise<number> {
  return timed(async () => {
    for (const file of files) await decryptWithSops(file, env)
  })
}

async function decryptWithSops(file: string, env: Record<string, string>): Promise<string> {
  return (await runProgram([programFile('sops'), 'decrypt', file], { env })).stdout
}

async function expectSameText({ tasks }: Lab, { files, env }: SecretTree): Promise<void> {
  const some = files.slice(0, 5)
  const { stdout } = await runProgram([process.execPath, tasks, 'secrets:decrypt', ...some], { env })
  const wanted = await Promise.all(some.map((file) => decryptWithSops(file, env)))
  if (stdout !== wanted.join('---\n')) throw new Error('tasks and sops print different texts')
}

/** Whole processes in a repository where nothing has been committed yet. */
async function guardTimes({ folder, tasks }: Lab, { tree, runs }: { tree: SecretTree; runs: number }) {
  const cwd = join(folder, 'guarded')
  const { env } = tree
  const git = (...words: string[]) => runProgram(['git', ...words], { cwd, env })
  await mkdir(join(cwd, 'manifests'), { recursive: true })
  await cp(tree.folder, join(cwd, 'secrets'), { recursive: true })
  await writeFile(join(cwd, '.sops.yaml'), rulesText)
  for (let index = few; index < staged; index++)
    await writeFile(join(cwd, 'manifests', `${index}.yaml`), deploymentText(index))
  await git('init', '-q')
  await git('add', '.')
  const run = async () => (await runProgram([process.execPath, tasks, 'secrets:guard'], { cwd, env })).seconds
  const times = await alternate([{ name: 'guard', run }], { runs })
  return times.get('guard')!
}
