/** The minor versions of Kubernetes 1 that manifests, checks and the sandbox know. */
const supportedMinors = [34, 35, 36] as const

/** Why a version cannot be used, or undefined where it can or has the wrong form. */
export function unsupportedVersion(version: string): { message: string; hint: string } | undefined {
  const match = /^([0-9]+)\.([0-9]+)\.[0-9]+$/.exec(version)
  if (!match) return undefined
  if (match[1] === '1' && supportedMinors.some((minor) => minor === Number(match[2]))) return undefined
  const names = supportedMinors.map((minor) => `1.${minor}`).join(', ')
  return { message: `Kubernetes ${version} is not supported, expected ${names}`, hint: 'for example 1.36.3' }
}
