import type { Place } from '../../../cli/errors.ts'
import type { Placed } from './placed.ts'

/** The hosts and groups of all inventory files, in the order in which they are written. */
export interface Inventory {
  hosts: Map<string, InventoryHost>
  groups: Map<string, InventoryGroup>
}

export interface InventoryHost {
  name: string
  place: Place
  variables: Map<string, Placed>
}

export interface InventoryGroup {
  name: string
  hosts: Set<string>
  children: Set<string>
  variables: Map<string, Placed>
}

export function emptyInventory(): Inventory {
  return { hosts: new Map(), groups: new Map() }
}

/** The group of that name, made where it is new. */
export function groupIn(inventory: Inventory, name: string): InventoryGroup {
  const known = inventory.groups.get(name)
  if (known) return known
  const group = { name, hosts: new Set<string>(), children: new Set<string>(), variables: new Map() }
  inventory.groups.set(name, group)
  return group
}

/** The host of that name, made where it is new. */
export function hostIn(inventory: Inventory, name: string, place: Place): InventoryHost {
  const known = inventory.hosts.get(name)
  if (known) return known
  const host = { name, place, variables: new Map() }
  inventory.hosts.set(name, host)
  return host
}

/** The hosts of a group and of the groups below it, in the order of the inventory. */
export function hostsOfGroup(inventory: Inventory, name: string): string[] {
  const below = groupsBelow(inventory, name)
  const members = new Set([...below].flatMap((group) => [...(inventory.groups.get(group)?.hosts ?? [])]))
  return [...inventory.hosts.keys()].filter((host) => members.has(host))
}

/** The groups that a host is in, "all" aside: the widest first, as Ansible lets the narrower ones win. */
export function groupsOfHost(inventory: Inventory, host: string): string[] {
  const names = [...inventory.groups.keys()].filter((name) => name !== 'all')
  const own = names.filter((name) => hostsOfGroup(inventory, name).includes(host))
  const depths = new Map(own.map((name) => [name, depthOf(inventory, name)]))
  return own.sort((one, other) => depths.get(one)! - depths.get(other)! || (one < other ? -1 : 1))
}

function groupsBelow(inventory: Inventory, name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen
  seen.add(name)
  for (const child of inventory.groups.get(name)?.children ?? []) groupsBelow(inventory, child, seen)
  return seen
}

// How many groups stand one above the other over this one; a circle of groups ends the count.
function depthOf(inventory: Inventory, name: string, path: string[] = []): number {
  if (path.includes(name)) return 0
  const parents = [...inventory.groups.values()].filter(({ children }) => children.has(name))
  return Math.max(0, ...parents.map((parent) => 1 + depthOf(inventory, parent.name, [...path, name])))
}
