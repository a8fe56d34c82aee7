import type { Checkout } from '../checkout.ts'
import { emptyInventory, groupIn, type Inventory } from './inventory.ts'
import { readIniInventory } from './inventory-ini.ts'
import { readYamlInventory } from './inventory-yaml.ts'
import type { Settings } from './placed.ts'
import { readSettings, readVariableFiles, type VariableFile } from './variable-files.ts'

/** All that the old toolkit's playbooks are told about the machines. */
export interface Ansible {
  inventory: Inventory
  groupFiles: VariableFile[]
  hostFiles: VariableFile[]
  /** Defaults of the roles for volumes and Kubernetes: the weakest of all. */
  roleDefaults: Settings
  /** local_vars.yml, which playbooks of the toolkit load over the inventory. */
  playbookVariables: VariableFile[]
  configuration: AnsibleConfiguration
}

/** ansible.cfg as far as it is about reaching machines; each with its line. */
export type AnsibleConfiguration = ReadonlyMap<string, { text: string; line: number }>

const configurationFile = 'ansible/ansible.cfg'

/** Reads inventory, group_vars, host_vars and what the roles take where nothing is said. */
export function readAnsible(checkout: Checkout): Ansible {
  const configuration = readConfiguration(checkout)
  const roles = ['volumes', 'kubernetes'].map((role) => `ansible/roles/${role}/defaults/main.yml`)
  const localVariables = readSettings('ansible/local_vars.yml', checkout)
  return {
    configuration,
    inventory: readInventory(inventoryPaths(configuration, checkout), checkout),
    groupFiles: readVariableFiles('ansible/group_vars', checkout),
    hostFiles: readVariableFiles('ansible/host_vars', checkout),
    roleDefaults: new Map(roles.flatMap((path) => [...(readSettings(path, checkout) ?? [])])),
    playbookVariables: localVariables
      ? [{ subject: 'all', path: 'ansible/local_vars.yml', settings: localVariables }]
      : [],
  }
}

function readConfiguration(checkout: Checkout): AnsibleConfiguration {
  const lines = checkout.file(configurationFile)?.text.split(/\r?\n/) ?? []
  const values = new Map<string, { text: string; line: number }>()
  let section = ''
  for (const [index, line] of lines.entries()) {
    section = /^\[(.+)\]\s*$/.exec(line)?.[1] ?? section
    const match = /^([a-z_]+)\s*=\s*(.*?)\s*$/.exec(line)
    if (match) values.set(`${section}.${match[1]}`, { text: match[2]!, line: index + 1 })
  }
  return values
}

// As ansible.cfg says, else the usual places.
function inventoryPaths(configuration: AnsibleConfiguration, checkout: Checkout): string[] {
  const configured = configuration.get('defaults.inventory')?.text.split(',')
  const named = configured?.map((path) => `ansible/${path.trim().replace(/^\.\//, '')}`) ?? []
  const isThere = (path: string) =>
    checkout.isFolder(path) ||
    checkout.link(path) !== undefined ||
    checkout.names('ansible').includes(path.slice(8))
  const usual = [
    'hosts',
    'hosts.ini',
    'hosts.yml',
    'hosts.yaml',
    'inventory',
    'inventory.ini',
    'inventory.yml',
  ]
  const found = named.filter(isThere)
  return found.length > 0
    ? found
    : usual
        .map((name) => `ansible/${name}`)
        .filter(isThere)
        .slice(0, 1)
}

function readInventory(paths: string[], checkout: Checkout): Inventory {
  const inventory = emptyInventory()
  groupIn(inventory, 'all')
  const files = paths.flatMap((path) =>
    checkout.isFolder(path) ? checkout.names(path).map((name) => `${path}/${name}`) : [path],
  )
  for (const path of files) {
    const file = checkout.isFolder(path) ? undefined : checkout.file(path)
    if (!file) continue
    const read = isYaml(file.text, path) ? readYamlInventory : readIniInventory
    checkout.findings.push(...read(file.text, path, inventory))
  }
  return inventory
}

// A file without an ending may be either; only YAML has a name with ":" at the end of a line.
function isYaml(text: string, path: string): boolean {
  return /\.ya?ml$/.test(path) || /^---\s*$/m.test(text) || /^[A-Za-z_][\w-]*:\s*$/m.test(text)
}
