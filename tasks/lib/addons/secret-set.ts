import { dirname, relative, sep } from 'node:path'
import type { ObjectSet } from '../api/run.ts'
import { type Finding, TaskError, throwOnErrors } from '../cli/errors.ts'
import type { Output } from '../cli/output.ts'
import type { Config } from '../config/model.ts'
import { loadManifests } from '../manifest/manifest.ts'
import type { KubernetesObject, ManifestObject } from '../manifest/object.ts'
import { validate } from '../manifest/validate.ts'
import { clearText, type Opened, openDocument } from '../secrets/engine.ts'
import { type SecretProject, secretProject } from '../secrets/project.ts'
import { child } from '../secrets/tree/tree.ts'
import { withPlainData } from './secret-data.ts'

export interface SecretSetOptions {
  config: Config
  output: Output
  signal: AbortSignal
  /** Names or paths of secret files; all of them where none is named. */
  names?: string[]
}

/**
 * The objects of the secret files as one set, decrypted in memory only. Nothing in them is substituted. All files
 * that cannot be opened, and all that is wrong in the others, are one error.
 */
export async function secretSet(options: SecretSetOptions): Promise<{ set: ObjectSet; findings: Finding[] }> {
  const { config, names = [] } = options
  const project = secretProject({ ...options, root: config.root })
  const files =
    names.length > 0 ? await Promise.all(names.map((name) => project.find(name))) : await project.list()
  const opened = await openAll(files, project)
  const holding = opened.filter(holdsObjects)
  if (names.length > 0) refuseOthers(opened, holding)
  const findings: Finding[] = opened.flatMap((file) => file.findings)
  const objects: ManifestObject[] = []
  for (const file of holding) {
    const loaded = await objectsOf(file, { project, config })
    findings.push(...loaded.findings)
    objects.push(...loaded.objects)
  }
  findings.push(...validate(objects, { kubernetesVersion: config.cluster.kubernetesVersion }))
  throwOnErrors(findings)
  const set = { name: 'secrets', title: 'Secrets', source: 'tasks secrets', mayBeEmpty: names.length === 0 }
  return { set: { ...set, objects: objects.map(withPlainData) }, findings }
}

// Not project.open: it keeps every encrypted text out of all output, and in a file that is encrypted whole that is also
// "Secret" and its name. Values of Secrets are masked by who prints objects.
async function openAll(files: string[], { readSealed, keyring, shown }: SecretProject): Promise<Opened[]> {
  const failures: Finding[][] = []
  const opened = await Promise.all(
    files.map(async (file) => {
      try {
        return await openDocument(await readSealed(file), { file: shown(file), keyring })
      } catch (error) {
        if (!(error instanceof TaskError)) throw error
        failures.push(error.findings)
      }
    }),
  )
  throwOnErrors(toldOnce(failures))
  return opened.filter((file) => file !== undefined)
}

// Hundreds of files for the same people fail for the same reasons.
function toldOnce(failures: Finding[][]): Finding[] {
  const byReason = new Map<string, Finding[][]>()
  for (const findings of failures) {
    const reason = JSON.stringify(findings.map((finding) => ({ ...finding, file: '' })))
    byReason.set(reason, [...(byReason.get(reason) ?? []), findings])
  }
  return [...byReason.values()].flatMap(([first, ...others]) => {
    const files = others.flatMap(([finding]) => finding?.file ?? []).sort()
    const also = `the same holds for ${files.length} more: ${files.join(', ')}`
    return files.length === 0 ? first! : [...first!, { severity: 'note' as const, message: also }]
  })
}

// A file of values (dotenv, a helm chart's) is for secrets:exec and secrets:get.
function holdsObjects({ document, clear }: Opened): boolean {
  if (document.type !== 'yaml' && document.type !== 'json') return false
  return clear.some((branch) => child(branch, 'apiVersion') && child(branch, 'kind'))
}

function refuseOthers(opened: Opened[], holding: Opened[]): void {
  const findings = opened
    .filter((file) => !holding.includes(file))
    .map(({ file }): Finding => ({ severity: 'error', message: 'holds no Kubernetes objects', file }))
  throwOnErrors(findings)
}

async function objectsOf(
  opened: Opened,
  { project, config }: { project: SecretProject; config: Config },
): Promise<{ objects: ManifestObject[]; findings: Finding[] }> {
  const text = Buffer.from(await clearText(opened, { keepFormat: true })).toString()
  const { variables } = config
  const loaded = loadManifests([{ path: opened.file, text }], { variables, mode: 'none' })
  const namespace = namespaceOf(opened.file, project) ?? variables.get('K8S_NAMESPACE')?.value
  return { ...loaded, objects: loaded.objects.map((entry) => placedIn(entry, namespace)) }
}

/** secrets/NAMESPACE/NAME.yaml: the folder says where its objects belong that do not say so themselves. */
function namespaceOf(file: string, { root, folder }: SecretProject): string | undefined {
  const [first = '.'] = relative(relative(root, folder), dirname(file)).split(sep)
  return /^[a-z0-9-]+$/.test(first) ? first : undefined
}

function placedIn(entry: ManifestObject, namespace: string | undefined): ManifestObject {
  const { metadata } = entry.object
  if (metadata.namespace || !namespace || entry.object.kind !== 'Secret') return entry
  const object: KubernetesObject = { ...entry.object, metadata: { ...metadata, namespace } }
  return { ...entry, object }
}
