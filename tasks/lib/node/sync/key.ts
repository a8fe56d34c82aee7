import type { Action, Resource } from '../resource.ts'
import { syncProgram, syncSettings } from './program.ts'

const privateKey = `${syncSettings}/id_ed25519`

/** Shell that prints the public key of a machine's synchronisation; nothing where it has none. */
export const readPublicKey = `cat ${privateKey}.pub 2>/dev/null || :`

/** The key of the machine that runs the synchronisation; it is made there and never leaves it. */
export function syncKey(runner: string): Resource {
  return {
    target: 'key for synchronisation',
    probe: readPublicKey,
    plan: ({ stdout }) => ({ actions: stdout.startsWith('ssh-') ? [] : [makeKey(runner)] }),
  }
}

// The public half comes last: where it is, the private one is too.
function makeKey(runner: string): Action {
  const next = `${syncSettings}/next_ed25519`
  return {
    action: 'create',
    title: `make an SSH key of its own for synchronisation`,
    after: [privateKey],
    commands: [
      `mkdir -p -m 0700 ${syncSettings}`,
      `rm -f ${next} ${next}.pub`,
      `ssh-keygen -q -t ed25519 -N '' -C ${comment(runner)} -f ${next}`,
      `mv ${next} ${privateKey}`,
      `mv ${next}.pub ${privateKey}.pub`,
    ],
  }
}

/** The public key of a runner: known when the plan is made, or read once it is there. */
export interface PublicKey {
  runner: string
  text?: string
  read(): Promise<string>
}

/** Lets the key of a runner in, for the synchronisation of its folders and nothing else. */
export function allowedKey(key: PublicKey): Resource {
  const { runner } = key
  let known = key.text
  const line = () => known && `restrict,command="${syncProgram} serve ${runner}" ${known}`
  return {
    target: `key of ${runner} for synchronisation`,
    probe: `grep -F ' ${comment(runner)}' /root/.ssh/authorized_keys 2>/dev/null || :`,
    plan: ({ stdout }) => {
      const present = stdout.split('\n').filter(Boolean)
      const wanted = line()
      if (wanted !== undefined && present.length === 1 && present[0] === wanted) return { actions: [] }
      const input = async () => {
        known ??= await key.read()
        return `${line()}\n`
      }
      return { actions: [allow(runner, { present, wanted, input })] }
    },
  }
}

interface Allow {
  present: string[]
  wanted: string | undefined
  input(): Promise<string>
}

function allow(runner: string, { present, wanted, input }: Allow): Action {
  return {
    action: present.length > 0 ? 'update' : 'create',
    title: `let ${runner} synchronise folders`,
    before: present,
    after: [
      wanted ?? `restrict,command="${syncProgram} serve ${runner}" (the public key that ${runner} makes)`,
    ],
    commands: [
      'umask 077',
      'mkdir -p /root/.ssh',
      'keys=$(readlink -f /root/.ssh/authorized_keys)',
      'touch "$keys"',
      'cp -p "$keys" "$keys.next"',
      `{ grep -v ' ${comment(runner)}$' "$keys" || test $? -eq 1; } >"$keys.next"`,
      'cat >>"$keys.next"',
      `grep -q ' ${comment(runner)}$' "$keys.next"`,
      'sync "$keys.next"',
      'mv "$keys.next" "$keys"',
    ],
    input,
  }
}

function comment(runner: string): string {
  return `metaltasks-sync@${runner}`
}
