import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decryptValue } from '../../tasks/lib/secrets/tree/cipher.ts'
import { temporaryFolder } from './folder.ts'
import { runSops, sopsOutput } from './sops.ts'

/** A file that the real sops has encrypted, as JSON: what its keys wrap can be taken out and put back. */
export interface SealedJson {
  a: string
  sops: { age?: WrappedKey[]; key_groups?: { age: WrappedKey[] }[] }
}

interface WrappedKey {
  recipient: string
  enc: string
}

const types = ['--input-type', 'json', '--output-type', 'json']

/** `{ "a": "clear" }`, encrypted by the real sops for age recipients; several lists are key groups, all but one needed. */
export async function sealedBySops(
  groups: string[][],
  { program }: { program?: string } = {},
): Promise<SealedJson> {
  const folder = await temporaryFolder()
  const config = join(folder, '.sops.yaml')
  const rule =
    groups.length === 1
      ? { age: groups[0]!.join(',') }
      : { shamir_threshold: groups.length - 1, key_groups: groups.map((age) => ({ age })) }
  await writeFile(config, JSON.stringify({ creation_rules: [rule] }))
  const args = ['--config', config, 'encrypt', ...types, '--filename-override', 'a.json']
  return JSON.parse((await sopsOutput(args, { input: '{"a":"clear"}', cwd: folder, program })).toString())
}

/** Whether the real sops opens it with what the environment names; else what it says. */
export async function openedBySops(
  sealed: SealedJson,
  { env, program }: { env: Record<string, string>; program?: string },
): Promise<unknown> {
  const args = ['decrypt', ...types]
  const { exitCode, stdout, stderr } = await runSops(args, { input: JSON.stringify(sealed), env, program })
  return exitCode === 0 ? JSON.parse(stdout) : stderr
}

/** The value, with this data key. Throws where it is not the file's. */
export function openedWith({ a }: SealedJson, dataKey: Uint8Array): unknown {
  return decryptValue(a, { key: dataKey, authenticated: 'a:' })
}
