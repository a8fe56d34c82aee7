import type { Finding, Place } from '../../../cli/errors.ts'
import { hostsOfRange } from './host-range.ts'
import { groupIn, hostIn, type Inventory } from './inventory.ts'
import type { Placed, Scalar } from './placed.ts'

interface Section {
  group: string
  kind: 'hosts' | 'children' | 'vars'
}

/** Adds the hosts and groups of an inventory in Ansible's INI form; gives what cannot be read. */
export function readIniInventory(text: string, file: string, inventory: Inventory): Finding[] {
  const findings: Finding[] = []
  let section: Section = { group: 'ungrouped', kind: 'hosts' }
  for (const [index, written] of text.split(/\r?\n/).entries()) {
    const line = written.replace(/(^|\s)[#;].*$/, '').trim()
    const place = { file, line: index + 1 }
    if (line === '') continue
    if (line.startsWith('[')) section = readSection(line, { place, inventory, findings }) ?? section
    else readLine(line, section, { place, inventory, findings })
  }
  return findings
}

interface At {
  place: Place
  inventory: Inventory
  findings: Finding[]
}

function readSection(line: string, at: At): Section | undefined {
  const match = /^\[([^\]:]+)(?::(children|vars))?\]$/.exec(line)
  if (!match) return report(at, `"${line}" begins no group`, 'for example [k8s_nodes]')
  const [, group, kind] = match
  groupIn(at.inventory, group!)
  return { group: group!, kind: (kind ?? 'hosts') as Section['kind'] }
}

function readLine(line: string, section: Section, at: At): void {
  const group = groupIn(at.inventory, section.group)
  if (section.kind === 'vars') readVariable(line, at, group.variables)
  else if (section.kind === 'hosts') readHosts(line, section.group, at)
  else group.children.add(groupIn(at.inventory, line).name)
}

function readHosts(line: string, group: string, at: At): void {
  const [pattern, ...assignments] = wordsOfLine(line)
  const [, bare, port] = /^([^:]*(?:\[[^\]]*\][^:]*)*?)(?::([0-9]+))?$/.exec(pattern!) ?? [pattern, pattern]
  const names = hostsOfRange(bare!)
  if (!names) {
    report(at, `"${pattern}" is no host and no range of hosts`, 'for example kube[1:3].example.com')
    return
  }
  for (const name of names) {
    // Ansible takes the port of the first line of a host only.
    const isNew = !at.inventory.hosts.has(name)
    const { variables } = hostIn(at.inventory, name, at.place)
    groupIn(at.inventory, group).hosts.add(name)
    if (port && isNew) variables.set('ansible_port', { place: at.place, content: Number(port) })
    for (const assignment of assignments) readVariable(assignment, at, variables)
  }
}

function readVariable(text: string, at: At, variables: Map<string, Placed>): void {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/s.exec(text)
  if (!match) return void report(at, `"${nameOnly(text)}" is not NAME=value`, 'mend the line')
  variables.set(match[1]!, { place: at.place, content: literal(match[2]!) })
}

// What stands behind "=" may be a password.
function nameOnly(text: string): string {
  return text.includes('=') ? `${text.split('=')[0]}=…` : text
}

// As a shell splits words: quotes keep blanks together and are left off.
function wordsOfLine(line: string): string[] {
  const words = line.match(/(?:[^\s"']|"(?:\\.|[^"\\])*"|'[^']*'|["'])+/g) ?? []
  return words.map((word) => word.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'/g, (_, one, other) => one ?? other))
}

// Python's own literals: a number, True, None, and text with or without quotes.
function literal(text: string): Scalar {
  if (/^(True|False)$/.test(text)) return text === 'True'
  if (text === 'None') return null
  if (/^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(text)) return Number(text)
  return text.replace(/^(["'])(.*)\1$/s, '$2')
}

function report(at: At, message: string, hint: string): undefined {
  at.findings.push({ severity: 'error', ...at.place, message, hint })
  return undefined
}
