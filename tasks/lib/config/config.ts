import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Finding, throwOnErrors } from '../cli/errors.ts'
import { checkConfig } from './checks.ts'
import { buildCluster } from './cluster.ts'
import { type ClusterFile, readClusterFile } from './cluster-file.ts'
import { type EnvFile, readEnvFile } from './env-file.ts'
import { environment } from './environment.ts'
import { environmentDefinitions, mergeLayers } from './layers.ts'
import type { Config, Variable, Variables } from './model.ts'
import { type Definition, resolveVariables } from './resolver.ts'
import { isSecretName } from './variable-table.ts'

/** What a caller adds to the files of the project. */
export interface LoadOptions {
  /** Instead of the process environment. */
  environment?: Readonly<Record<string, string | undefined>>
  /** --vars FILE, relative to the project root; it wins over the environment. */
  varsFile?: string
  /** NAME=value on the command line; these win over everything. */
  arguments?: Readonly<Record<string, string>>
}

/** Reads and checks the whole configuration; throws one TaskError that carries every finding. */
export async function loadConfig(root: string, options: LoadOptions = {}): Promise<Config> {
  const exported = options.environment ?? environment()
  const files = await readFiles(root, options.varsFile)
  const declared = [files.env, files.envLocal].flatMap(({ definitions }) =>
    definitions.map(({ name }) => name),
  )
  const layers = mergeLayers({
    arguments: argumentDefinitions(options.arguments ?? {}),
    varsFile: files.vars.definitions,
    environment: environmentDefinitions(exported, declared),
    envLocal: files.envLocal.definitions,
    env: files.env.definitions,
    clusterFile: files.cluster.definitions,
  })
  const resolver = resolveVariables(layers.definitions, exported)
  const { values, places, findings: shapes } = files.cluster.read(resolver.expand)
  const variables: Variables = resolver.variables
  const { cluster, configured } = buildCluster({ root, variables, values, places, home: exported.HOME })
  const config: Config = {
    root,
    configured,
    cluster,
    variables,
    environmentVariables: environmentVariables(exported),
    findings: [],
  }
  const found = [...fileFindings(files), ...layers.findings, ...resolver.findings, ...shapes]
  const findings = inOrder([...found, ...checkConfig(config, { places })])
  throwOnErrors(findings)
  return { ...config, findings }
}

interface Files {
  vars: EnvFile
  envLocal: EnvFile
  env: EnvFile
  cluster: ClusterFile
}

async function readFiles(root: string, varsFile: string | undefined): Promise<Files> {
  const [vars, envLocal, env, cluster] = await Promise.all([
    varsFile === undefined ? undefined : readText(root, varsFile),
    readText(root, '.env.local'),
    readText(root, '.env'),
    readText(root, 'cluster.yaml'),
  ])
  const varsLabel = `--vars ${varsFile}`
  return {
    vars:
      varsFile !== undefined && vars === undefined
        ? { definitions: [], findings: [missingVarsFile(varsFile)] }
        : readEnvFile(vars ?? '', { file: varsFile ?? '', label: varsLabel }),
    envLocal: readEnvFile(envLocal ?? '', { file: '.env.local' }),
    env: readEnvFile(env ?? '', { file: '.env' }),
    cluster: readClusterFile(cluster ?? '', 'cluster.yaml'),
  }
}

async function readText(root: string, file: string): Promise<string | undefined> {
  try {
    return await readFile(resolve(root, file), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function missingVarsFile(file: string): Finding {
  return {
    severity: 'error',
    message: `--vars ${file}: there is no such file`,
    hint: 'the path is relative to the project root',
  }
}

function argumentDefinitions(values: Readonly<Record<string, string>>): Definition[] {
  return Object.entries(values).map(([name, text]) => ({ name, text, expands: false, origin: 'argument' }))
}

function environmentVariables(exported: Readonly<Record<string, string | undefined>>): Variables {
  const variables = new Map<string, Variable>()
  for (const [name, value] of Object.entries(exported)) {
    if (value === undefined || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) continue
    const secret = isSecretName(name) || undefined
    variables.set(name, { name, value, origin: 'environment', ...(secret && { secret }) })
  }
  return variables
}

function fileFindings({ vars, envLocal, env }: Files): Finding[] {
  return [vars, envLocal, env].flatMap(({ findings }) => findings)
}

// By file and line, as a reader goes through them; the same mistake found twice is said once.
function inOrder(findings: Finding[]): Finding[] {
  const unique = new Map(
    findings.map((one) => [JSON.stringify([one.file, one.line, one.column, one.message]), one]),
  )
  const position = (one: Finding) => [one.line ?? 0, one.column ?? 0] as const
  return [...unique.values()].sort((one, other) => {
    if (one.file !== other.file) return (one.file ?? '') < (other.file ?? '') ? -1 : 1
    const [[line, column], [otherLine, otherColumn]] = [position(one), position(other)]
    return line - otherLine || column - otherColumn
  })
}
