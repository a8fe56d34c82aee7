import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TaskError } from '../../../cli/errors.ts'
import { createAgeKey } from '../../keys/age/create.ts'
import type { SecretProject } from '../../project.ts'
import { addMember, type NewMember } from '../project-member.ts'
import { sharePapers } from './paper.ts'
import { splitIdentity } from './shares.ts'

const breakGlassName = 'break-glass'

/**
 * Makes a recipient whose identity exists only as three shares on paper, of which two give it back. To sops it is an age
 * recipient like any other.
 */
export async function makeBreakGlass(
  project: SecretProject,
  { name = breakGlassName, postQuantum, now }: { name?: string; postQuantum: boolean; now: Date },
): Promise<{ member: NewMember; papers: string[] }> {
  const file = join(project.keysFolder, `${name}.age`)
  if (existsSync(file))
    throw new TaskError('there is a break-glass key already: its three papers are good', {
      file: project.shown(file),
      hint: `for a second one: tasks secrets:key --break-glass --name ${name}-2`,
    })
  const { identity, recipient } = await createAgeKey({ postQuantum, now })
  const papers = sharePapers({ shares: splitIdentity(identity), recipient, now })
  const key = { type: 'age' as const, recipient }
  const member = await addMember({ key, ending: 'age', publicText: `${recipient}\n` }, { name, project })
  return { member, papers }
}
