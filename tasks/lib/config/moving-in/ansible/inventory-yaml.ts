import type { Finding } from '../../../cli/errors.ts'
import { hostsOfRange } from './host-range.ts'
import { groupIn, hostIn, type Inventory } from './inventory.ts'
import { type Placed, settingsOf } from './placed.ts'
import { readAnsibleYaml } from './yaml-values.ts'

/** Adds the hosts and groups of an inventory in Ansible's YAML form; gives what cannot be read. */
export function readYamlInventory(text: string, file: string, inventory: Inventory): Finding[] {
  const { root, findings } = readAnsibleYaml(text, file)
  for (const [name, group] of settingsOf(root) ?? []) findings.push(...readGroup(name, group, inventory))
  return findings
}

function readGroup(name: string, written: Placed, inventory: Inventory): Finding[] {
  const group = groupIn(inventory, name)
  const parts = settingsOf(written) ?? new Map<string, Placed>()
  for (const [variable, value] of settingsOf(parts.get('vars')) ?? []) group.variables.set(variable, value)
  const hosts = [...(settingsOf(parts.get('hosts')) ?? [])].flatMap(([pattern, variables]) =>
    readHosts(pattern, variables, { group: name, inventory }),
  )
  const children = [...(settingsOf(parts.get('children')) ?? [])].flatMap(([child, value]) => {
    group.children.add(child)
    return readGroup(child, value, inventory)
  })
  const unknown = [...parts].filter(([key]) => !['vars', 'hosts', 'children'].includes(key))
  return [...hosts, ...children, ...unknown.map(([key, { place }]) => strayKey(key, place))]
}

function readHosts(
  pattern: string,
  written: Placed,
  { group, inventory }: { group: string; inventory: Inventory },
): Finding[] {
  const names = hostsOfRange(pattern)
  if (!names) {
    const message = `"${pattern}" is no host and no range of hosts`
    return [{ severity: 'error', ...written.place, message, hint: 'for example kube[1:3].example.com' }]
  }
  for (const name of names) {
    const { variables } = hostIn(inventory, name, written.place)
    groupIn(inventory, group).hosts.add(name)
    for (const [variable, value] of settingsOf(written) ?? []) variables.set(variable, value)
  }
  return []
}

function strayKey(key: string, place: Placed['place']): Finding {
  const message = `"${key}" is none of hosts, children and vars, so Ansible passes over it`
  return {
    severity: 'warning',
    ...place,
    message,
    hint: `put it below vars, hosts or children, or remove it`,
  }
}
