import { isUtf8 } from 'node:buffer'
import { plainBytes } from '../edit/plain-value.ts'
import { allValues, type Found, isSecret } from '../edit/value-path.ts'
import type { Opened } from '../engine.ts'
import { SecretError } from '../errors.ts'
import { child } from '../tree/tree.ts'

/**
 * The values of a file as variables of a program: the keys of its Secrets, decoded, else what stands at the top; in INI,
 * SECTION_KEY. Characters that a name may not have become "_". Throws a SecretError where two keys make one name, or a
 * value cannot be one of a variable.
 */
export function variablesOf(opened: Opened): Record<string, string> {
  const { clear, file } = opened
  const variables = new Map<string, { value: string; key: string }>()
  for (const found of chosen(opened)) {
    const name = variableName(found, opened)
    const key = found.name
    const other = variables.get(name)
    if (other && !isOverwritten(other.key, key))
      throw refused(`${other.key} and ${key} are both the variable ${name}`, {
        file,
        hint: 'rename one of them',
      })
    variables.set(name, { value: textOf(found, { file, clear }), key })
  }
  if (variables.size > 0) return Object.fromEntries([...variables].map(([name, { value }]) => [name, value]))
  throw refused('has no values that could be variables', {
    file,
    hint: 'give the program the file: --file, and {} where its name goes',
  })
}

function chosen({ clear, document }: Opened): Found[] {
  const leaves = allValues(clear).filter(({ node }) => node.type === 'leaf' && node.value !== null)
  const hasSecrets = clear.some(isSecret)
  return leaves.filter(({ path: { branch, steps } }) => {
    if (hasSecrets)
      return (
        isSecret(clear[branch]!) && steps.length === 2 && (steps[0] === 'data' || steps[0] === 'stringData')
      )
    const isObject = child(clear[branch]!, 'apiVersion') && child(clear[branch]!, 'kind')
    return !isObject && steps.length === (document.type === 'ini' ? 2 : 1)
  })
}

function variableName({ path: { steps } }: Found, { document }: Opened): string {
  const isInSection = document.type === 'ini' && steps[0] !== 'DEFAULT'
  const name = isInSection ? steps.join('_') : String(steps.at(-1))
  return name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d|$)/, '_')
}

// As the server does: stringData wins over data.
function isOverwritten(one: string, other: string): boolean {
  return one.replace(/\bdata\./, '') === other.replace(/\bstringData\./, '') && one !== other
}

function textOf(found: Found, { file, clear }: { file: string; clear: Opened['clear'] }): string {
  const bytes = plainBytes(found, { branches: clear, file })
  if (isUtf8(bytes) && !bytes.includes(0)) return Buffer.from(bytes).toString()
  throw refused(`${found.name} is no text: no variable can hold it`, {
    file,
    hint: 'give the program the file: --file, and {} where its name goes',
  })
}

function refused(message: string, { file, hint }: { file: string; hint: string }): SecretError {
  return new SecretError(message, { code: 'generic', file, hint })
}
