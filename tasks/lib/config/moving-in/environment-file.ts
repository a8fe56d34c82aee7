import { type Finding, placeText } from '../../cli/errors.ts'
import { registerSecret } from '../../cli/redact.ts'
import { mendHint } from '../cluster-file/mend.ts'
import { readEnvFile } from '../variables/env-file.ts'
import { formatNamed, unquoted } from '../variables/formats.ts'
import { isSecretName, variableDefinition, variableGroups } from '../variables/variable-table.ts'
import { type MakeVariable, makeText, partsOf } from './make/make-variables.ts'
import { clusterVariables, originOf } from './make-settings.ts'
import type { OldToolkit } from './reading.ts'

const ownVersions = new Set(
  variableGroups.find(({ title }) => title === 'Versions')!.variables.map(({ name }) => name),
)

/** The text of .env: every exported variable of the Makefiles that has no field in cluster.yaml. */
export function movedEnvironmentFile(toolkit: OldToolkit, volumeNodes: string[] | undefined): string {
  const head = [
    '# Values for manifests and tasks, as the old Makefiles exported them. The environment and .env.local are stronger.',
    '# $NAME is expanded in plain and double-quoted values; single quotes keep a dollar sign. Secrets go to secrets/.',
  ]
  const exported = [...toolkit.make.variables.values()].filter(
    ({ name, exported }) => exported && !clusterVariables.has(name),
  )
  const lines = exported.flatMap((variable) => lineOf(variable, toolkit))
  const nodes = volumeNodes ? [`NODES="${volumeNodes.join(' ')}" # nodes that get PersistentVolumes`] : []
  return `${[...head, ...lines, ...nodes].join('\n')}\n`
}

function lineOf(variable: MakeVariable, toolkit: OldToolkit): string[] {
  if (isDerived(variable)) return []
  const { name } = variable
  const reason = reasonToLeave(variable, toolkit)
  const value = reason ? undefined : envText(variable, toolkit)
  if (value !== undefined) return [`${name}=${value} # ${originOf(variable)}`]
  const left = { message: 'has every kind of quote in it', hint: `set ${name} in .env` }
  const { severity = 'warning', message, hint } = reason ?? { ...left, severity: undefined }
  toolkit.findings.push({ severity, ...variable.place, message: `${name} ${message}`, hint })
  return [`# ${name} is left out, see ${originOf(variable)}`]
}

// The table's own default says the same: MYDOMAIN is $DOMAIN, PATH_ADM a folder below the volumes.
function isDerived({ name, text }: MakeVariable): boolean {
  const usual = variableDefinition(name)?.default
  const written = text.replace(/\$[({]([A-Za-z_][A-Za-z0-9_]*)[)}]/g, '$$$1').replaceAll('$$', '$')
  return usual !== undefined && (usual.includes('$') || name === 'EDITOR') && written === usual
}

type Reason = Pick<Finding, 'message' | 'hint'> & { severity?: Finding['severity'] }

function reasonToLeave({ name, place }: MakeVariable, { make }: OldToolkit): Reason | undefined {
  const text = makeText(name, make)
  if (typeof text !== 'string') {
    return { message: text.reason, hint: `write what it gives into .env: ${name}=…, see ${placeText(place)}` }
  }
  if (isSecretName(name)) {
    registerSecret(text)
    return { message: 'is a secret in plain text: it is not taken over', hint: secretHint }
  }
  if (ownVersions.has(name)) {
    const message = `is ${text}: the version that metaltasks brings counts, ${variableDefinition(name)!.default}`
    return { severity: 'note', message, hint: 'to hold it back, set it in .env' }
  }
  return wrongForm(name, unquoted(text))
}

const secretHint = 'put it into a secret file: tasks secrets:new'

function wrongForm(name: string, value: string): Reason | undefined {
  const definition = variableDefinition(name)
  if (!definition) return undefined
  const { accepts, expected } = formatNamed(definition.format)
  const isEmpty = value === '' && definition.format !== 'text' && Boolean(definition.default)
  if (!isEmpty && (definition.choices?.includes(value) ?? accepts(value))) return undefined
  return {
    message: `is "${value}", expected ${expected}`,
    hint: mendHint(value, definition.format) ?? `set ${name} in .env`,
  }
}

// References stay references where .env knows the name; where quotes get in the way, all is written out.
function envText(variable: MakeVariable, toolkit: OldToolkit): string | undefined {
  const whole = unquoted(makeText(variable.name, toolkit.make) as string)
  const withNames = textWithNames(unquoted(variable.text), toolkit)
  const inQuotes = (text: string) => ["'", '"', '`'].map((quote) => `${quote}${text}${quote}`)
  const plain = /^[A-Za-z0-9_./:@,+-]*$/.test(whole) ? [whole] : []
  const expanding = /^[A-Za-z0-9_./:@,+$-]*$/.test(withNames ?? ' ') ? withNames! : `"${withNames}"`
  if (withNames !== undefined && readBack(expanding, true) === withNames) return expanding
  return [...plain, ...inQuotes(whole)].find((text) => readBack(text, false) === whole)
}

// What the reader of .env makes of the text; undefined where "$" would be read otherwise than it is meant.
function readBack(text: string, mayExpand: boolean): string | undefined {
  const { definitions, findings } = readEnvFile(`NAME=${text} # from`, { file: '.env' })
  const [definition] = definitions
  if (!definition || findings.length > 0) return undefined
  return definition.text.includes('$') && definition.expands !== mayExpand ? undefined : definition.text
}

function textWithNames(text: string, toolkit: OldToolkit): string | undefined {
  const { make } = toolkit
  const parts = partsOf(text)
  if (!Array.isArray(parts) || !parts.some((part) => 'name' in part && isKnown(part.name, toolkit)))
    return undefined
  const texts = parts.map((part) => {
    if ('name' in part && isKnown(part.name, toolkit)) return `\${${part.name}}`
    const value = 'text' in part ? part.text : makeText(part.name, make)
    return (value as string).replaceAll('$', '\\$')
  })
  return texts.join('').replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}(?![A-Za-z0-9_])/g, '$$$1')
}

function isKnown(name: string, toolkit: OldToolkit): boolean {
  return variableDefinition(name)?.default !== undefined || name === 'K8S_NODES' || isWritten(name, toolkit)
}

function isWritten(name: string, toolkit: OldToolkit): boolean {
  const variable = toolkit.make.variables.get(name)
  if (!variable?.exported || clusterVariables.has(name) || reasonToLeave(variable, toolkit)) return false
  return envText(variable, toolkit) !== undefined
}
