import { UsageError } from '../../cli/errors.ts'
import type { GlobalOptions } from '../../cli/task.ts'
import { askName, confirm } from '../../cli/terminal/prompts.ts'
import type { SshHost } from './hosts.ts'
import { namedHosts, type Sighting, withFingerprint } from './trust.ts'

/** "NAME=SHA256:…" by the host's full name. */
export function readFingerprints(given: string[] = [], hosts: SshHost[] = []): Map<string, string> {
  return new Map(
    given.map((text) => {
      const [, name, fingerprint] = /^([^=]+)=(SHA256:[A-Za-z0-9+/]{43})$/.exec(text) ?? []
      if (name && fingerprint) return [namedHosts(hosts, [name])[0]!.name, fingerprint]
      throw new UsageError(`--fingerprint ${text}: expected NAME=SHA256: and 43 characters`, {
        hint: 'on the machine: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
      })
    }),
  )
}

/** A host whose fingerprint was given, with that key alone. */
export function chosenByFingerprint(sighting: Sighting, fingerprints: Map<string, string>): Sighting {
  const wanted = fingerprints.get(sighting.host.name)
  return wanted === undefined || sighting.state === 'silent' ? sighting : withFingerprint(sighting, wanted)
}

export interface AgreeOptions {
  options: Pick<GlobalOptions, 'yes' | 'confirm'>
  fingerprints: Map<string, string>
}

/**
 * Asks whether the keys that are not recorded yet are to be: once for all new ones, by name for each that changed.
 * False where there is nothing to record, or the answer is no.
 */
export async function agree(
  sightings: Sighting[],
  { options, fingerprints }: AgreeOptions,
): Promise<boolean> {
  const open = sightings.filter(({ state }) => state === 'new' || state === 'changed')
  const questions = open.filter(({ host }) => !fingerprints.has(host.name))
  const changed = questions.filter(({ state }) => state === 'changed')
  for (const { host } of changed.filter(
    ({ host }) => ![host.name, host.label].includes(options.confirm ?? ''),
  )) {
    const question = `the host key of ${host.name} is another one; type ${host.name} if it was set up anew:`
    await askName(host.name, { question })
  }
  const names = questions.filter(({ state }) => state === 'new').map(({ host }) => host.name)
  if (names.length === 0 || options.yes) return open.length > 0
  return confirm(`compared, and record the new keys of ${names.join(' ')}?`)
}
