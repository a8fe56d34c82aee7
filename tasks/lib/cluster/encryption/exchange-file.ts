import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { quote } from '../../cli/process/quote.ts'
import { encryptionFile, type ProviderKey } from '../../kubernetes/api-server/encryption-file.ts'
import { runAction } from '../../node/plan/run-action.ts'
import type { ServerState } from './server.ts'

/**
 * Puts a file in the place of the one that was read, and of no other. stdin: sha256 of the one that is there and of the
 * new one, then the new one. Killed at any moment the file is the old or the new one, whole.
 */
export function exchangeCommands(file: string): string[] {
  const [present, next] = [quote(file), quote(`${file}.next`)]
  return [
    'read -r was wanted',
    `(umask 077; cat >${next})`,
    `printf '%s  %s\\n' "$wanted" ${next} | sha256sum -c --status`,
    `printf '%s  %s\\n' "$was" ${present} | sha256sum -c --status`,
    ...[`chmod 600 ${next}`, `sync ${next}`, `mv -fT ${next} ${present}`, `sync ${quote(dirname(file))}`],
  ]
}

/** Gives an API server these keys, if it still has those that were read. */
export async function exchangeFile(
  { server, sha256, keys }: ServerState,
  wanted: readonly ProviderKey[],
): Promise<void> {
  const content = encryptionFile(wanted)
  if (content === encryptionFile(keys)) return
  const digest = createHash('sha256').update(content).digest('hex')
  await runAction(server.machine, {
    action: 'update',
    title: `exchange ${server.file}`,
    commands: exchangeCommands(server.file),
    input: () => `${sha256} ${digest}\n${content}`,
  })
}
