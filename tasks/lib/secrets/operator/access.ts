import path from 'node:path'
import { type Finding, TaskError } from '../../cli/errors.ts'
import type { KeyPlaces } from '../keys/key-source.ts'
import { type AgeKey, keyIdentity, type MasterKey } from '../keys/master-key.ts'
import type { SecretProject } from '../project.ts'
import type { Policy } from '../rules/policy.ts'
import { type Rules, readRules } from '../rules/rules.ts'
import { adoptRecipients } from './adopt-recipients.ts'
import { createKey, keepPrivate } from './create-key.ts'
import { joinProject } from './join-project.ts'
import { type OwnKey, type OwnKeys, ownKeys } from './own-keys.ts'
import type { NewMember } from './project-member.ts'

/** How a new file is encrypted, with what had to be made for it. */
export interface Access {
  policy: Policy
  rules: Rules
  /** A key that was made just now, with the place of its private part. */
  createdKey?: OwnKey
  joined?: NewMember
  findings: Finding[]
}

/**
 * The policy for a new file of somebody who wants to read it again: where there is no rule for it, or no key at hand,
 * both are made: an age key at sops' own place, its public part in secrets/keys, a rule in .sops.yaml.
 */
export async function accessFor(
  file: string,
  { project, ...person }: { project: SecretProject; places: KeyPlaces; name: string; now: Date },
): Promise<Access> {
  const rules = (await project.rules()) ?? (await adoptRecipients(project))
  const seen = rules && (await rules.pathOf(file))
  const policy = rules?.ruleFor(seen!)?.policy()
  const recipients = policy?.groups.flat() ?? []
  const { keys, problems } = await keysFor(recipients, person.places)
  if (rules && policy && recipients.length > 0) {
    if (canRead(recipients, keys)) return { policy, rules, findings: [] }
    if (keys.some(isForSecrets)) return { policy, rules, findings: [notReadable(project.shown(file))] }
    // A key behind a passphrase may well be among them.
    if (problems.length > 0) return { policy, rules, findings: [] }
  }
  const made = await ageKeyAtHand(keys, { problems, ...person })
  const { rules: after, ...joined } = await join(made.key, { project, name: person.name, file: seen, rules })
  const now = after.policyFor(await after.pathOf(file))
  return {
    policy: now,
    rules: after,
    ...(made.created && { createdKey: made.created }),
    joined,
    findings: [],
  }
}

async function keysFor(recipients: MasterKey[], places: KeyPlaces): Promise<OwnKeys> {
  const has = (type: string) => recipients.some((key) => key.type === type)
  return ownKeys(places, { ssh: has('age'), pgp: has('pgp') })
}

// A key in a service has no private part here: whether it opens is for the service to say.
function canRead(recipients: MasterKey[], own: OwnKey[]): boolean {
  const known = new Set(own.map(({ key }) => keyIdentity(key)))
  return recipients.some((key) => !['age', 'pgp'].includes(key.type) || known.has(keyIdentity(key)))
}

async function join(
  key: AgeKey,
  {
    project,
    name,
    file,
    rules,
  }: { project: SecretProject; name: string; file: string | undefined; rules: Rules | undefined },
) {
  const rulesFile = rules?.file ?? path.join(project.root, '.sops.yaml')
  const member = { name, key, ending: 'age' as const, publicText: `${key.recipient}\n` }
  const { keysFolder } = project
  const paths = file && [path.relative(path.dirname(rulesFile), file)]
  const joined = await joinProject(member, { keysFolder, rulesFile, ...(paths && { paths }) })
  return { ...joined, name, rulesFile, rules: await readRules(rulesFile) }
}

// An ssh key of somebody who never chose it for secrets is none of theirs.
function isForSecrets({ key }: OwnKey): boolean {
  return key.type !== 'age' || !key.recipient.startsWith('ssh-')
}

async function ageKeyAtHand(
  keys: OwnKey[],
  { problems, places, name, now }: { problems: string[]; places: KeyPlaces; name: string; now: Date },
): Promise<{ key: AgeKey; created?: OwnKey }> {
  const own = keys.find((each) => each.key.type === 'age' && isForSecrets(each))
  if (own) return { key: own.key as AgeKey }
  if (problems.length > 0)
    throw new TaskError(`there is a key, and it cannot be read: ${problems[0]}`, {
      hint: 'put its public part (age1…) into secrets/keys/NAME.age and into .sops.yaml',
    })
  const created = await createKey('age', { name, now })
  const { key } = created
  return { key: key as AgeKey, created: { key, place: await keepPrivate(created, places) } }
}

function notReadable(file: string): Finding {
  return {
    severity: 'warning',
    message: 'you cannot read it yourself: your key is not among its recipients',
    file,
    hint: 'to join them: tasks secrets:key --name YOU',
  }
}
