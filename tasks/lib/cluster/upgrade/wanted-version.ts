import { type Finding, UsageError } from '../../cli/errors.ts'
import type { Cluster } from '../../config/model.ts'

/** The version to go to: what was typed, else that of the configuration. */
export function wantedVersion(
  typed: string | undefined,
  { kubernetesVersion }: Pick<Cluster, 'kubernetesVersion'>,
): { version: string; findings: Finding[] } {
  const version = (typed ?? kubernetesVersion).replace(/^v/, '')
  if (!/^1\.\d+\.\d+$/.test(version))
    throw new UsageError(`${typed} is no version of Kubernetes`, { hint: `for example ${kubernetesVersion}` })
  if (version === kubernetesVersion) return { version, findings: [] }
  const finding: Finding = {
    severity: 'warning',
    message: `cluster.yaml says Kubernetes ${kubernetesVersion}, this is about ${version}`,
    hint: `kubernetes: { version: ${version} } in cluster.yaml, or the next install is about another one`,
  }
  return { version, findings: [finding] }
}
