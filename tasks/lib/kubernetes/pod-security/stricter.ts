import type { ApiClient } from '../../api/client.ts'
import { isForbidden } from '../../api/errors.ts'
import type { Finding } from '../../cli/errors.ts'
import type { PodSecurity, PodSecurityLevel } from '../../config/kubeadm-model.ts'
import type { KubernetesObject } from '../../manifest/object.ts'
import { enforceLabel, labelledLevel, stricterThan } from './levels.ts'

/** What the next stricter level would refuse of what runs in a namespace. */
export interface Refused {
  namespace: string
  level: PodSecurityLevel
  stricter: PodSecurityLevel
  /** As the server says it: "web-1 (and 2 other pods): allowPrivilegeEscalation != false". Empty: nothing. */
  pods: string[]
}

/**
 * Asks the server, by a dry run of the label, what each namespace's next stricter level would refuse of the pods that
 * are there. Exempt namespaces have no level and are left out. Undefined where we may not ask.
 */
export async function refusedByStricter(
  client: Pick<ApiClient, 'request'>,
  { enforce, exempt }: Pick<PodSecurity, 'enforce' | 'exempt'>,
): Promise<Refused[] | undefined> {
  try {
    const { items } = await client.request<{ items: KubernetesObject[] }>('GET', '/api/v1/namespaces')
    const asked = items
      .filter(({ metadata }) => !exempt.includes(metadata.name) && !metadata.deletionTimestamp)
      .map((namespace) => ({ namespace, level: labelledLevel(namespace) ?? enforce }))
    const answers = asked.map(async ({ namespace: { metadata }, level }) => {
      const stricter = stricterThan(level)
      if (!stricter) return []
      return [{ namespace: metadata.name, level, stricter, pods: await ask(client, metadata.name, stricter) }]
    })
    return (await Promise.all(answers)).flat()
  } catch (error) {
    if (isForbidden(error)) return undefined
    throw error
  }
}

/** One note for each level: the namespaces that could be stricter, and for each of the others what stands against it. */
export function stricterFindings(refused: Refused[]): Finding[] {
  // What is privileged is so on purpose, also while nothing of it runs.
  const free = refused.filter(({ level, pods }) => pods.length === 0 && level !== 'privileged')
  const held = refused.filter(({ pods }) => pods.length > 0)
  return [
    ...[...new Set(free.map(({ stricter }) => stricter))].map((stricter) => {
      const names = free.filter((one) => one.stricter === stricter).map(({ namespace }) => namespace)
      const message = `pod security: ${stricter} would refuse nothing that runs in ${names.join(', ')}`
      return {
        severity: 'note' as const,
        message,
        hint: `label them: kubectl label namespace ${names[0]} ${enforceLabel}=${stricter}`,
      }
    }),
    ...held.map(({ namespace, stricter, pods }) => ({
      severity: 'note' as const,
      message: `pod security: in ${namespace}, ${stricter} would refuse ${pods.join('; ')}`,
    })),
  ]
}

async function ask(
  client: Pick<ApiClient, 'request'>,
  namespace: string,
  level: PodSecurityLevel,
): Promise<string[]> {
  const warnings: string[] = []
  await client.request('PATCH', `/api/v1/namespaces/${namespace}`, {
    query: { dryRun: 'All' },
    contentType: 'application/merge-patch+json',
    body: { metadata: { labels: { [enforceLabel]: level } } },
    onWarning: (text) => void warnings.push(text),
  })
  // The first says in which namespace, and nothing else.
  return warnings.filter((text) => !text.startsWith('existing pods in namespace '))
}
