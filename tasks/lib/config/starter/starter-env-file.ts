import { clusterFields } from '../cluster-file/cluster-fields.ts'
import type { Field } from '../cluster-file/field.ts'
import { type VariableDefinition, variableGroups } from '../variables/variable-table.ts'
import type { StarterAnswers } from './starter-answers.ts'

/** The text of a new .env: what was asked, then every other variable with its default, switched off. */
export function starterEnvFile({ domain, namespace, timezone }: StarterAnswers): string {
  const asked: Record<string, string> = { DOMAIN: domain, K8S_NAMESPACE: namespace, TZ: timezone }
  const elsewhere = new Set([...Object.keys(asked), ...variablesOf(clusterFields), ...notForFiles])
  const groups = variableGroups.flatMap(({ title, variables }) => {
    const left = variables.filter(({ name, default: usual }) => usual !== undefined && !elsewhere.has(name))
    return left.length === 0 ? [] : ['', `# ${title}`, ...left.map(line)]
  })
  const head = [
    '# Values for manifests and tasks. The environment and .env.local are stronger than this file.',
    '# $NAME is expanded in plain and double-quoted values; single quotes keep a dollar sign. Secrets go to secrets/.',
  ]
  const lines = Object.entries(asked).map(([name, value]) => `${name}=${value}`)
  return `${[...head, ...lines, ...groups].join('\n')}\n`
}

// Said in cluster.yaml, set for one command, or there only for old manifests.
const notForFiles = ['LOCAL_VOLUMES', 'DOL', 'MYDOMAIN', 'NODES', 'SANDBOX_NODES', 'EDITOR']

function variablesOf(field: Field): string[] {
  const own = field.variable ? [field.variable] : []
  if (field.type !== 'map') return own
  return [...own, ...Object.values(field.fields).flatMap(variablesOf)]
}

function line({ name, summary, default: usual }: VariableDefinition): string {
  const value = /[\s]/.test(usual!) ? `"${usual}"` : usual
  return `#${name}=${value} # ${summary}`
}
