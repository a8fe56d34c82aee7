import { formatNamed } from '../../tasks/lib/config/variables/formats.ts'
import { type VariableDefinition, variableGroups } from '../../tasks/lib/config/variables/variable-table.ts'

/** The README's tables of variables, one for each group. */
export function variablesTable(): string {
  return variableGroups.map(({ title, variables }) => groupTable(title, variables)).join('\n')
}

const begin = '<!-- variables: npm run docs -->'
const end = '<!-- end of variables -->'

/** The README with the tables of variables as they are now between their two marks. */
export function withVariables(readme: string): string {
  const [before, rest] = readme.split(begin)
  const after = rest?.split(end)[1]
  if (after === undefined) throw new Error(`README.md has no ${begin} … ${end}`)
  return `${before}${begin}\n\n${variablesTable()}\n${end}${after}`
}

function groupTable(title: string, variables: VariableDefinition[]): string {
  const rows = variables.map((definition) => `| ${cells(definition).join(' | ')} |\n`)
  return `#### ${title}\n\n| variable | meaning | default |\n| --- | --- | --- |\n${rows.join('')}`
}

function cells({ name, summary, choices, format, default: usual }: VariableDefinition): string[] {
  const expected = choices?.join(' or ') ?? formatNamed(format).expected
  const meaning = format === 'text' ? summary : `${summary}: ${expected}`
  return [`\`${name}\``, escaped(meaning), usual ? `\`${usual}\`` : usual === '' ? 'empty' : 'not set']
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|')
}
