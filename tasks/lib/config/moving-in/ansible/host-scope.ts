import type { Ansible } from './ansible.ts'
import { groupsOfHost, hostsOfGroup, type InventoryHost } from './inventory.ts'
import type { Scope } from './jinja.ts'
import type { Placed, Settings } from './placed.ts'

/** The variables of one host as a playbook sees them, before templates are worked out. */
export interface HostScope extends Scope {
  host: string
  /** What files and inventory say, without the defaults of roles: the strongest of each name. */
  written: Settings
  /** Names that were asked for so far. */
  asked: ReadonlySet<string>
}

/** What Ansible knows of a host, in Ansible's own order: group_vars/all is stronger than [group:vars]. */
export function hostScope(ansible: Ansible, host: string): HostScope {
  const written = writtenFor(ansible, host)
  const magic = new Map<string, () => Placed | undefined>([
    ['inventory_hostname', () => said(ansible, host)],
    ['inventory_hostname_short', () => said(ansible, host.split('.')[0]!, host)],
    ['groups', () => ({ place: placeOf(ansible, host), content: allGroups(ansible) })],
    ['hostvars', () => ({ place: placeOf(ansible, host), content: allHosts(ansible) })],
  ])
  const asked = new Set<string>()
  const variable = (name: string) => {
    asked.add(name)
    return magic.get(name)?.() ?? written.get(name) ?? ansible.roleDefaults.get(name)
  }
  return { host, written, asked, variable }
}

function writtenFor(ansible: Ansible, host: string): Settings {
  const { inventory, groupFiles, hostFiles, playbookVariables } = ansible
  const groups = groupsOfHost(inventory, host)
  const about = (subject: string, files: typeof groupFiles) =>
    files.filter((file) => file.subject === subject).map(({ settings }) => settings)
  const layers = [
    inventory.groups.get('all')!.variables,
    ...groups.map((group) => inventory.groups.get(group)!.variables),
    ...about('all', groupFiles),
    ...groups.flatMap((group) => about(group, groupFiles)),
    inventory.hosts.get(host)?.variables ?? new Map<string, Placed>(),
    ...about(host, hostFiles),
    ...about('all', playbookVariables),
  ]
  return new Map(layers.flatMap((layer) => [...layer]))
}

function said(ansible: Ansible, content: string, host = content): Placed {
  return { place: placeOf(ansible, host), content }
}

function placeOf({ inventory }: Ansible, host: string): InventoryHost['place'] {
  return inventory.hosts.get(host)?.place ?? { file: 'ansible/hosts' }
}

function allGroups(ansible: Ansible): Settings {
  const names = [...ansible.inventory.groups.keys()]
  return new Map(
    names.map((name) => {
      const hosts = hostsOfGroup(ansible.inventory, name).map((host) => said(ansible, host))
      return [name, { place: hosts[0]?.place ?? { file: 'ansible/hosts' }, content: hosts }]
    }),
  )
}

function allHosts(ansible: Ansible): Settings {
  const hosts = [...ansible.inventory.hosts.values()]
  return new Map(hosts.map(({ name, place }) => [name, { place, content: writtenFor(ansible, name) }]))
}
