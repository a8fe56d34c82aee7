import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { TaskError, UsageError } from '../../cli/errors.ts'
import { registerSecret } from '../../cli/redact.ts'
import { askHidden } from '../../cli/terminal/prompts.ts'
import { generate, parseWanted } from '../generate/generate.ts'
import { readInput } from '../new/stdin.ts'
import { textOrBytes } from '../tree/values.ts'
import type { NewValue } from './changed-text.ts'

/** Where a new value comes from: never from argv, which every user of a machine can read. */
export interface ValueSource {
  generate?: string
  fromFile?: string
  interactive: boolean
  stdin: Readable
  signal: AbortSignal
  /** For the comment of an ssh key. */
  owner: string
}

/** The value for a name: generated, of a file, typed unseen, or of stdin without its last line end. A key pair is two. */
export async function givenValues(name: string, source: ValueSource): Promise<NewValue[]> {
  const { generate: what, fromFile, interactive } = source
  if (what !== undefined && fromFile !== undefined)
    throw new UsageError('--generate and --from-file are two values: give one of them')
  if (what !== undefined) return generatedValues(name, what, source)
  if (fromFile !== undefined) return [{ name, value: registered(await bytesOf(fromFile)) }]
  if (interactive) return [{ name, value: await askHidden(`new value of ${name}:`) }]
  return [{ name, value: await pipedValue(name, source) }]
}

async function generatedValues(name: string, what: string, { owner }: ValueSource): Promise<NewValue[]> {
  const wanted = parseWanted(what)
  if (wanted.key !== undefined) throw new UsageError(`--generate ${what}: the key is ${name} already`)
  const start = /^(?:\d+:)?(?:(?:data|stringData)\.)?/.exec(name)![0]
  const values = Object.entries(await generate({ key: name.slice(start.length), what }, { owner }))
  if (values.length > 1 && name.startsWith('['))
    throw new UsageError(`--generate ${what} makes two values: name the key in the form stringData.KEY`)
  return values.map(([key, value]) => ({ name: start + key, value }))
}

async function pipedValue(name: string, { stdin, signal }: ValueSource): Promise<string> {
  const text = (await readInput(stdin, { seconds: 10, signal })).replace(/\r?\n$/, '')
  if (text !== '') return registered(Buffer.from(text)) as string
  throw new UsageError(
    `the value of ${name} is missing, and there is no terminal to ask on: nothing was changed`,
    {
      hint: 'on stdin, or --generate password, or --from-file FILE; to take it away: --unset',
    },
  )
}

async function bytesOf(file: string): Promise<Uint8Array> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    const message = error.code === 'ENOENT' ? 'there is no such file' : `cannot be read: ${error.code}`
    throw new TaskError(message, { file, cause: error })
  })
}

function registered(bytes: Uint8Array): string | Uint8Array {
  const value = textOrBytes(bytes)
  registerSecret(typeof value === 'string' ? value : Buffer.from(bytes).toString('base64'))
  return value
}
