import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeFiles } from '../support/cli.ts'
import { freshAgeKey, sopsOutput } from '../support/sops.ts'
import { type Operator, operator } from './operator.ts'

/** Somebody with a key, in a project whose secret files the real sops encrypted. */
export interface Keeper extends Operator {
  recipient: string
  /** Runs the real sops to encrypt a clear text into a file. */
  seal(path: string, clear: string, flags?: string[]): Promise<void>
  /** Lines that came and went, without what is in ENC[…]; not lastmodified, which is the same within a second. */
  diff(path: string, before: string): { added: string[]; removed: string[] }
}

export async function keeper(files: Record<string, string> = {}): Promise<Keeper> {
  const { recipient, identity } = freshAgeKey()
  const rules = `creation_rules:\n  - encrypted_regex: ^(data|stringData)$\n    path_regex: \\.ya?ml$\n    age: ${recipient}\n  - age: ${recipient}\n`
  const one = operator({ '.sops.yaml': rules })
  writeFiles(one.home, { '.config/sops/age/keys.txt': `${identity}\n` })
  const seal = async (path: string, clear: string, flags: string[] = []) => {
    const argv = ['encrypt', ...flags, '--filename-override', path]
    const sealed = await sopsOutput(argv, { input: clear, cwd: one.project, env: one.env })
    writeFiles(one.project, { [path]: sealed.toString() })
  }
  for (const [path, clear] of Object.entries(files)) await seal(path, clear)
  return {
    ...one,
    recipient,
    seal,
    diff(path, before) {
      const after = readFileSync(join(one.project, path), 'utf8').split('\n')
      const old = before.split('\n')
      const named = (line: string) => line.replace(/ENC\[.*\]/, 'ENC')
      const isTime = (line: string) => /^ {4}lastmodified: /.test(line)
      return {
        added: after.filter((line) => !old.includes(line) && !isTime(line)).map(named),
        removed: old.filter((line) => !after.includes(line) && !isTime(line)).map(named),
      }
    },
  }
}

/** A Secret with a value in data and one in stringData. */
export const dbSecret = `# the database of web
apiVersion: v1
kind: Secret
metadata:
    name: db
    namespace: web
data:
    ca: Y2VydA==
stringData:
    # changed in May
    password: hunter22
    user: admin
`
