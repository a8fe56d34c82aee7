import { type Finding, throwOnErrors } from '../cli/errors.ts'
import { registerSecret } from '../cli/redact.ts'
import { checkConfig } from './checks/checks.ts'
import { buildCluster } from './cluster-file/cluster.ts'
import { environment } from './environment.ts'
import { type ConfigFiles, readConfigFiles } from './files.ts'
import type { Config, Variable, Variables } from './model.ts'
import { environmentDefinitions, lossNotes, mergeLayers, withoutNpmNames } from './variables/layers.ts'
import { type Definition, Resolver } from './variables/resolver.ts'
import { isSecretName } from './variables/variable-table.ts'

/** What a caller adds to the files of the project. */
export interface LoadOptions {
  /** Instead of the process environment. */
  environment?: Readonly<Record<string, string | undefined>>
  /** --vars FILE, as it was typed; it wins over the environment. */
  varsFile?: string
  /** NAME=value on the command line; these win over everything. */
  arguments?: Readonly<Record<string, string>>
  /** For a task that substitutes variables and touches no cluster: a value of the wrong form is a warning then. */
  onlyVariables?: boolean
}

/** Reads and checks the whole configuration; throws one TaskError that carries every finding. */
export async function loadConfig(root: string, options: LoadOptions = {}): Promise<Config> {
  const exported = withoutNpmNames(options.environment ?? environment())
  const files = await readConfigFiles(root, options.varsFile)
  const resolver = resolveAll(files, { exported, given: options.arguments ?? {} })
  const {
    values,
    places,
    findings: shapes,
  } = files.cluster.read((text, place) => resolver.expand(text, place))
  const { variables } = resolver
  const { cluster, configured } = buildCluster({ root, variables, values, places, home: exported.HOME })
  const environmentVariables = exportedVariables(exported)
  registerSecrets(variables, environmentVariables)
  const config: Config = { root, configured, cluster, variables, environmentVariables, findings: [] }
  const checks = checkConfig(config, { places, broken: resolver.broken })
  const findings = inOrder([
    ...[files.vars, files.envLocal, files.env].flatMap((file) => file.findings),
    ...lossNotes(files.cluster.definitions, resolver),
    ...resolver.findings,
    ...shapes,
    ...(options.onlyVariables ? checks.map(asWarning) : checks),
  ])
  throwOnErrors(findings)
  return { ...config, findings }
}

function asWarning(finding: Finding): Finding {
  return finding.severity === 'error' ? { ...finding, severity: 'warning' } : finding
}

interface Outside {
  exported: Readonly<Record<string, string | undefined>>
  given: Readonly<Record<string, string>>
}

function resolveAll(files: ConfigFiles, { exported, given }: Outside): Resolver {
  const inFiles = [files.env, files.envLocal].flatMap(({ definitions }) =>
    definitions.map(({ name }) => name),
  )
  const definitions = mergeLayers({
    arguments: Object.entries(given).map(([name, text]) => argumentDefinition(name, text)),
    varsFile: files.vars.definitions,
    environment: environmentDefinitions(exported, inFiles),
    envLocal: files.envLocal.definitions,
    env: files.env.definitions,
    clusterFile: files.cluster.definitions,
  })
  return new Resolver(definitions, exported)
}

function argumentDefinition(name: string, text: string): Definition {
  return { name, text, expands: false, origin: 'argument', place: { file: 'argument' } }
}

function exportedVariables(exported: Outside['exported']): Variables {
  const variables = new Map<string, Variable>()
  for (const [name, value] of Object.entries(exported)) {
    if (value === undefined || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) continue
    const secret = isSecretName(name) || undefined
    variables.set(name, { name, value, origin: 'environment', ...(secret && { secret }) })
  }
  return variables
}

function registerSecrets(...sets: Variables[]): void {
  for (const { secret, value } of sets.flatMap((set) => [...set.values()])) if (secret) registerSecret(value)
}

// By file and line, as a reader goes through them; the same mistake found twice is said once.
function inOrder(findings: Finding[]): Finding[] {
  const key = ({ file, line, column, message }: Finding) => JSON.stringify([file, line, column, message])
  const unique = new Map(findings.map((one) => [key(one), one]))
  return [...unique.values()].sort((one, other) => {
    if (one.file !== other.file) return (one.file ?? '') < (other.file ?? '') ? -1 : 1
    return (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0)
  })
}
