import { posix } from 'node:path'
import { TaskError } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import { registerSecret } from '../../cli/redact.ts'
import type { Machine } from '../machine.ts'
import type { KeyStore, StoredKeys } from './key-store.ts'
import { keyBytes } from './rotation-commands.ts'

/** The keys of a volume on the key server: PATH/keys/NODE/VOLUME, and beside it VOLUME.new and VOLUME.old. */
export function keyServerStore(
  machine: Machine,
  { path, node, volume }: { path: string; node: string; volume: string },
): KeyStore {
  const file = posix.join(path, 'keys', node, volume)
  const shown = `${machine.label}:${file}`
  return {
    shown,
    machine,
    async read() {
      const title = `read the keys at ${file}`
      const { stdout } = await machine.run(readScript(file), { title })
      return readAnswer(stdout, { shown, volume })
    },
    commands: (step) => storeCommands[step](file),
  }
}

// Only what is certainly not there is left out.
function readScript(file: string): string {
  const name = quote(posix.basename(file))
  return [
    `cd ${quote(posix.dirname(file))} || exit`,
    `for name in ${name} ${name}.new ${name}.old; do`,
    '  if [ -f "$name" ]; then',
    '    [ "$(wc -c <"$name")" -le 8388608 ] || { echo "$name is too large" >&2; exit 1; }',
    '    key=$(base64 -w0 <"$name") || exit',
    '    echo "$name $key"',
    '  elif [ -e "$name" ] || [ -L "$name" ]; then echo "$name is no file" >&2; exit 1; fi',
    'done',
    'echo end',
  ].join('\n')
}

const kinds = { '': 'current', '.new': 'next', '.old': 'previous' } as const

function readAnswer(text: string, { shown, volume }: { shown: string; volume: string }): StoredKeys {
  const lines = text.split('\n')
  if (lines.at(-2) !== 'end') throw new TaskError(`the keys at ${shown} could not be read to their end`)
  const keys: StoredKeys = {}
  for (const line of lines.slice(0, -2)) {
    const [name, key = ''] = line.split(' ')
    registerSecret(key)
    const ending = name!.slice(volume.length) as keyof typeof kinds
    keys[kinds[ending]] = Buffer.from(key, 'base64')
  }
  return keys
}

const storeCommands = { store, activate, erase }

// Whole from its first moment on, and on the disk before it has its name; one that is there is never overwritten.
function store(file: string): string[] {
  const { cd, name } = placeOf(file)
  const part = `.${name}.part`
  return [
    cd,
    `[ -s ${name} ]`,
    `rm -f ${part}`,
    `(umask 077; head -c ${keyBytes} /dev/urandom >${part})`,
    `[ "$(wc -c <${part})" -eq ${keyBytes} ]`,
    `chown --reference=${name} ${part}`,
    `chmod --reference=${name} ${part}`,
    `sync ${part}`,
    `ln ${part} ${name}.new`,
    `rm -f ${part}`,
    'sync .',
  ]
}

// The old key gets its second name first: at no moment is there no key, or one that is nowhere else.
function activate(file: string): string[] {
  const { cd, name } = placeOf(file)
  return [
    cd,
    `[ -s ${name}.new ]`,
    `[ -e ${name}.old ] || ln ${name} ${name}.old`,
    `cmp -s ${name} ${name}.old`,
    `if cmp -s ${name} ${name}.new; then exit 1; fi`,
    `mv -T ${name}.new ${name}`,
    'sync .',
  ]
}

function erase(file: string): string[] {
  const { cd, name } = placeOf(file)
  return [
    cd,
    `[ -s ${name} ]`,
    `if cmp -s ${name} ${name}.old; then exit 1; fi`,
    `shred -n 1 ${name}.old`,
    `rm -f ${name}.old`,
    'sync .',
  ]
}

function placeOf(file: string): { cd: string; name: string } {
  return { cd: `cd ${quote(posix.dirname(file))}`, name: quote(posix.basename(file)) }
}
