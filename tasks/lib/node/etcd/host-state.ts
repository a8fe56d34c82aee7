import { TaskError } from '../../cli/errors.ts'
import { UnreachableError } from '../errors.ts'
import { etcdFolder, recordFolder } from '../kubeadm/paths.ts'
import type { Machine } from '../machine.ts'

/** Which cluster a host has a member of: "ID begun" until the member has voted once, then "ID up". */
export const memberRecord = `${recordFolder}/etcd-member`

/** What a host says of the member on it. */
export interface HostState {
  /** /var/lib/etcd/member is there. */
  hasData: boolean
  record?: { cluster: string; isUp: boolean }
}

/** Shell that prints it. */
export const hostStateScript = `if test -e ${etcdFolder}/member; then echo data; else echo empty; fi
if test -e ${memberRecord}; then cat ${memberRecord}; else echo none none; fi
echo end`

/** Reads that answer. */
export function readHostState(lines: readonly string[]): HostState {
  const [data, record = '', end] = lines
  const [cluster, word] = record.split(' ')
  const isUnderstood = ['data', 'empty'].includes(data ?? '') && ['none', 'begun', 'up'].includes(word ?? '')
  if (!isUnderstood || end !== 'end')
    throw new TaskError(`the state of its etcd cannot be told from: ${lines.join(' / ').slice(0, 80)}`, {
      hint: `look at ${memberRecord}; nothing is changed before it can be read`,
    })
  return {
    hasData: data === 'data',
    ...(word !== 'none' && { record: { cluster: cluster!, isUp: word === 'up' } }),
  }
}

/** Asks hosts, by their names; those that cannot be reached are left out. */
export async function surveyHosts(
  machines: readonly Machine[],
  { signal }: { signal: AbortSignal },
): Promise<Map<string, HostState>> {
  const title = 'look what etcd is there'
  const states = await Promise.all(
    machines.map(async (machine): Promise<[string, HostState][]> => {
      try {
        const { stdout } = await machine.run(hostStateScript, { title, signal, timeoutSeconds: 60 })
        return [[machine.name, readHostState(stdout.trimEnd().split('\n'))]]
      } catch (error) {
        if (!(error instanceof UnreachableError)) throw error
        return []
      }
    }),
  )
  return new Map(states.flat())
}

/** Commands that write the record. */
export function recordCommands(cluster: string, word: 'begun' | 'up'): string[] {
  return [
    `install -d -m 0700 ${recordFolder}`,
    `echo '${cluster} ${word}' >${memberRecord}.next`,
    `sync ${memberRecord}.next`,
    `mv -fT ${memberRecord}.next ${memberRecord}`,
    `sync ${recordFolder}`,
  ]
}
