import type { Readable } from 'node:stream'
import { UsageError } from '../../cli/errors.ts'
import { type Asking, askType, askValues } from './ask-values.ts'
import { givenValues, merged, type ValueFlags } from './given-values.ts'
import { missingOf, type SecretType } from './secret-type.ts'
import { checkKeys, parseValues, type SecretValues } from './secret-values.ts'
import { readInput } from './stdin.ts'

export interface Gathering extends Asking {
  /** Not there: opaque, or asked on a terminal. */
  type?: SecretType
  flags: ValueFlags
  /** Keys that --value names: their values come from stdin or a prompt. */
  names: string[]
  /** Whether somebody can be asked. */
  interactive: boolean
  stdin: Readable
  signal: AbortSignal
  /** As it was typed, for hints. */
  secretName: string
}

/** How long is waited for the first byte on stdin: for what is needed, and for what may be added to what flags give. */
const patience = { needed: 10, added: 1 }

/** The values of a new Secret: from flags, stdin, or somebody at a terminal. Throws a UsageError that names what is missing. */
export async function gatherValues(
  gathering: Gathering,
): Promise<{ type: SecretType; values: SecretValues }> {
  const { flags, names, interactive } = gathering
  checkKeys(names)
  const type = gathering.type ?? (interactive && !saysWhat(gathering) ? await askType(gathering) : 'opaque')
  const given = await givenValues(type, flags, gathering)
  const rest = interactive
    ? await askValues(type, { values: given, names }, gathering)
    : await pipedValues(type, given, gathering)
  const values = merged([given, rest])
  checkKeys(Object.keys(values))
  return { type, values }
}

function saysWhat({ flags, names }: Gathering): boolean {
  return names.length > 0 || flags.generate.length > 0 || flags.fromFile.length > 0
}

async function pipedValues(
  type: SecretType,
  given: SecretValues,
  { stdin, signal, names, secretName }: Gathering,
): Promise<SecretValues> {
  const missing = missingKeys(type, given, names)
  const isShort = missing.length > 0 || Object.keys(given).length === 0
  const text = await readInput(stdin, { seconds: isShort ? patience.needed : patience.added, signal })
  const values = text.trim() === '' ? {} : await parseValues(text, { expected: missing })
  const absent = missingKeys(type, { ...given, ...values }, names)
  const nothing = Object.keys(given).length === 0 && Object.keys(values).length === 0
  if (absent.length > 0 || nothing) throw notGiven(absent, { secretName, type })
  const odd =
    names.length === 0
      ? []
      : Object.keys(values).filter((key) => !names.includes(key) && !missing.includes(key))
  if (odd.length > 0)
    throw new UsageError(`stdin also has ${odd.join(', ')}, which no --value names: nothing was changed`)
  return values
}

function missingKeys(type: SecretType, values: SecretValues, names: string[]): string[] {
  const needed = missingOf(type, values).map(({ key }) => key)
  return [...new Set([...needed, ...names.filter((key) => !Object.hasOwn(values, key))])]
}

const ways: Partial<Record<SecretType, string>> = {
  tls: '--cert FILE --tls-key FILE, or --domain NAME for a new certificate',
  ssh: '--generate ssh',
  'basic-auth': '--username NAME --generate password',
  'docker-registry': '--server HOST --username NAME, and the password on stdin',
}

function notGiven(
  absent: string[],
  { secretName, type }: { secretName: string; type: SecretType },
): UsageError {
  const message =
    absent.length > 0
      ? `${absent.join(', ')} ${absent.length > 1 ? 'are' : 'is'} missing, and there is no terminal to ask on: nothing was changed`
      : 'its values are missing, and there is no terminal to ask on: nothing was changed'
  const key = absent[0] ?? 'password'
  const flags = ways[type] ?? `--generate ${key}=32`
  return new UsageError(message, {
    hint: `on stdin as KEY=VALUE lines, JSON or YAML: tasks secrets:new ${secretName} < FILE; or by flag: ${flags}`,
  })
}
