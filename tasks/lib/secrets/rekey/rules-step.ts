import { readFileSync, rmSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import type { Change, Step } from '../../cli/change.ts'
import { SecretError } from '../errors.ts'
import { sealedMode, writeAtomically } from '../files/write.ts'
import type { AgeKey, MasterKey, PgpKey } from '../keys/master-key.ts'
import type { SecretProject } from '../project.ts'
import type { Rules } from '../rules/rules.ts'
import { rulesWith, rulesWithout, usualPaths } from '../rules/write.ts'
import { contentHash, type SealedFile } from '../survey/standing.ts'
import { isOf } from './somebody.ts'
import type { Turnover } from './wanted.ts'

/** The step that changes .sops.yaml, before any file: what is encrypted from then on is encrypted as it will be. */
export async function rulesStep(
  { removed, added }: Turnover,
  { rules, files, project }: { rules: Rules; files: SealedFile[]; project: SecretProject },
): Promise<Step> {
  const { file } = rules
  const present = files.map(async (each) => fromRules(await rules.pathOf(each.file), file))
  const paths = [...usualPaths, ...(await Promise.all(present))]
  const before = readFileSync(file, 'utf8')
  const ruleKeys = rules.rules.flatMap((rule) => rule.policy().groups.flat())
  const leaving = ruleKeys.filter((key) => removed.some((who) => isOf(who, key)))
  let after = before
  // First those who come: a rule is never without anybody.
  for (const { name, keys } of added) {
    for (const key of keys.filter(isWritten)) {
      after = rulesWith(after, key, { file, comment: name, paths }) ?? after
    }
  }
  after = rulesWithout(after, leaving, { file }) ?? after
  const changes = after === before ? [] : [rulesChange(file, { before, after, shown: project.shown(file) })]
  return { name: 'rules', title: 'Creation rules', waves: [{ changes, parallel: 1 }], unchanged: [] }
}

function rulesChange(
  file: string,
  { before, after, shown }: { before: string; after: string; shown: string },
): Change {
  return {
    target: shown,
    action: 'update',
    title: `write the recipients of new files into ${shown}`,
    before: before.trimEnd().split('\n'),
    after: after.trimEnd().split('\n'),
    basis: contentHash(Buffer.from(before)),
    async run() {
      if (readFileSync(file, 'utf8') !== before) throw moved(shown)
      await writeAtomically(file, Buffer.from(after), { mode: sealedMode })
    },
    async verify() {
      if (readFileSync(file, 'utf8') !== after) throw moved(shown)
    },
  }
}

/** The step that takes the public keys of those who left out of secrets/keys: the last, a name is known until then. */
export function peopleStep({ removed }: Turnover, project: SecretProject): Step {
  const changes = removed.flatMap(({ files }) => files).map((file) => publicKeyChange(file, project))
  return { name: 'people', title: 'Public keys', waves: [{ changes, parallel: 1 }], unchanged: [] }
}

function publicKeyChange(file: string, { shown }: SecretProject): Change {
  return {
    target: shown(file),
    action: 'delete',
    title: `delete ${shown(file)}`,
    before: readFileSync(file, 'utf8').trimEnd().split('\n'),
    after: [],
    run: async () => rmSync(file, { force: true }),
    verify: async () => {},
  }
}

// Keys of services have fields of their own in .sops.yaml: people write them.
function isWritten(key: MasterKey): key is AgeKey | PgpKey {
  return key.type === 'age' || key.type === 'pgp'
}

function fromRules(path: string, rulesFile: string): string {
  return relative(dirname(rulesFile), path)
}

function moved(file: string): SecretError {
  const message = 'was changed by somebody else meanwhile: nothing was written to it'
  return new SecretError(message, { code: 'generic', file, hint: 'run the same command again' })
}
