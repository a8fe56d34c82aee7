import { TaskError, UsageError } from '../../cli/errors.ts'
import type { Output } from '../../cli/output.ts'
import { ask } from '../../cli/terminal/prompts.ts'
import type { KeyPlaces } from '../keys/key-source.ts'
import { keyName } from '../keys/master-key.ts'
import { nameOf, readPeople } from '../keys/people.ts'
import { readInput } from '../new/stdin.ts'
import type { SecretProject } from '../project.ts'
import { makeCiKey } from './ci-key.ts'
import type { OwnKeyType } from './create-key.ts'
import { checkPersonName, personNameProblem } from './join-project.ts'
import { backupLines, memberLines } from './key-words.ts'
import { operatorName } from './operator-name.ts'
import { joinWith, makeOwnKey, standing } from './own-key.ts'
import { makeBreakGlass } from './paper/break-glass.ts'
import { ownIdentities } from './paper/own-identities.ts'
import { paperCopy } from './paper/paper.ts'
import { keepRecovered, recoverIdentity } from './paper/recover.ts'
import { expectNewFile, givePrivate } from './private-output.ts'
import type { NewMember } from './project-member.ts'
import { keyLines, type ShownKeys, showKeys } from './show-keys.ts'

/** What every form of `tasks secrets:key` works with. */
export interface KeyScene {
  options: { type?: OwnKeyType; name?: string; output?: string; dryRun: boolean; json: boolean }
  project: SecretProject
  places: KeyPlaces
  output: Output
  signal: AbortSignal
  now: Date
}

/** Shows the operator's key; makes one where there is none; with a name, lets it join the project. */
export async function showOrMakeKey(scene: KeyScene): Promise<void> {
  const { options, project, places, output, now } = scene
  const shown = await showKeys(project, places)
  const own = standing(shown, options.type)
  if (!own && shown.problems.length > 0 && !options.type)
    throw new TaskError(`there is a key, and it cannot be read: ${shown.problems[0]}`, {
      hint: 'to make another one all the same: tasks secrets:key --type age',
    })
  if (own && (options.name === undefined || own.name === options.name)) return show(shown, scene)
  const name = await personName(scene)
  if (options.dryRun)
    return output.line(
      own ? `${name} would join with the key in ${own.place}` : `a key would be made for ${name}`,
    )
  if (own) return told(await joinWith(own, { name, project, places }), scene)
  const made = await makeOwnKey(options.type ?? 'age', { name, project, places, now })
  output.line(`a key was made in ${made.place}, which only you can read`)
  for (const line of backupLines(made)) output.line(line)
  await told(made.member, scene)
  if (!options.json) output.data(`${keyName(made.key)}\n`)
}

function show(shown: ShownKeys, { output, options }: KeyScene): void {
  for (const line of keyLines(shown)) output.line(line)
  const { keys, files } = shown
  if (options.json) output.json({ keys, files: files.length })
  else output.data(keys.map(({ key }) => `${keyName(key)}\n`).join(''))
  const stranger = keys.every(({ name }) => name === undefined)
  output.next(stranger ? `tasks secrets:key --name ${operatorName()}` : 'tasks secrets:new keyname')
}

async function personName({ options, places }: KeyScene): Promise<string> {
  if (options.name !== undefined || !places.askPassphrase) return operatorName(options.name)
  const question = 'your name, for your public key?'
  return ask(question, { default: operatorName(), check: personNameProblem, option: '--name' })
}

// What is encrypted already was not encrypted for the newcomer.
async function told(member: NewMember, { output, project, options }: KeyScene): Promise<void> {
  for (const line of memberLines(member, project)) output.line(line)
  if (options.json) output.json({ name: member.name, file: project.shown(member.file) })
  const files = await project.list()
  output.next(files.length > 0 ? 'tasks secrets:updatekeys' : 'tasks secrets:new keyname')
}

// stdout holds either a private part or JSON.
function expectPlace({ json, output }: KeyScene['options']): void {
  if (json && (output === undefined || output === '-'))
    throw new UsageError('with --json a private part goes to a file', { hint: 'add --output FILE' })
  expectNewFile(output)
}

/** Prints the operator's age identities for paper. */
export async function printPaper({ options, project, places, output, now }: KeyScene): Promise<void> {
  expectPlace(options)
  const identities = await ownIdentities(places)
  if (identities.length === 0)
    throw new TaskError('there is no key of age to print', {
      hint: 'make one: tasks secrets:key; one of PGP: gpg --armor --export-secret-keys FINGERPRINT',
    })
  const people = await readPeople(project.keysFolder)
  const papers = identities.map(({ identity, recipient }) =>
    paperCopy({ identity, recipient, name: nameOf(people, { type: 'age', recipient }), now }),
  )
  givePrivate(papers.join('\n'), { file: options.output, output })
}

/** Makes a break-glass key and prints its three papers. */
export async function makeBreakGlassKey(scene: KeyScene): Promise<void> {
  const { options, project, output, now } = scene
  expectPlace(options)
  const postQuantum = options.type === 'age-pq'
  if (options.dryRun) return output.line('a break-glass key would be made, and three papers printed')
  const { member, papers } = await makeBreakGlass(project, { name: options.name, postQuantum, now })
  givePrivate(papers.join('\n'), { file: options.output, output })
  output.line(
    'print the three papers, give each to somebody else, and close this window: they are nowhere else',
  )
  await told(member, scene)
}

/** Makes a key for CI and prints its private part. */
export async function makeKeyForCi(name: string, scene: KeyScene): Promise<void> {
  const { options, project, places, output, now } = scene
  checkPersonName(name)
  expectPlace(options)
  if (options.dryRun) return output.line(`a key would be made for ${name}`)
  const made = await makeCiKey(name, { type: options.type ?? 'age', project, places, now })
  givePrivate(made.privateText, { file: options.output, output })
  output.line(`the private part is ${options.output ?? 'above'} and nowhere else: ${made.use}`)
  await told(made.member, scene)
}

/** Puts a key that is typed from paper to the operator's keys, or where --output says. */
export async function recoverKey({ options, places, output, signal, now }: KeyScene): Promise<void> {
  expectNewFile(options.output)
  const atTerminal = process.stdin.isTTY === true
  if (atTerminal) output.line('type the rows of the paper, or of two shares one after the other, then Ctrl-D')
  const typed = await readInput(process.stdin, { seconds: atTerminal ? 3600 : 10, signal })
  const recovered = await recoverIdentity(typed)
  if (options.dryRun) return output.line(`would be recovered: ${recovered.recipient}`)
  if (options.output) givePrivate(`${recovered.identity}\n`, { file: options.output, output })
  const place = options.output ?? keepRecovered(recovered, { places, now })
  output.line(`recovered: ${recovered.recipient}`)
  if (place !== '-') output.line(`its private part is in ${place}, which only you can read`)
  if (recovered.shared)
    output.line('it opens everything: take it out of there again when it has done its work')
  output.next('tasks secrets:key')
}
