import type { Change } from '../../tasks/lib/cli/change.ts'
import type { NodeVolume } from '../../tasks/lib/config/model.ts'
import { ask } from '../../tasks/lib/node/plan/ask.ts'
import { runAction } from '../../tasks/lib/node/plan/run-action.ts'
import type { Action, Planned } from '../../tasks/lib/node/resource.ts'
import { type Volume, volumesOfNode } from '../../tasks/lib/node/volumes/volume.ts'
import { volumeResource } from '../../tasks/lib/node/volumes/volume-resource.ts'
import { applyResources, changesOf } from './apply-resources.ts'
import type { LabMachine } from './lab-machine.ts'

/** The program that reads a key, as the machine's own would. */
export const labKey = { read: 'cat /run/volume-key' }

/** A volume of kube1 in volume group vg0. */
export function labVolume(fields: Partial<NodeVolume> & { name: string }): Volume {
  const volume = {
    vg: 'vg0',
    size: '40Mi',
    path: `/srv/${fields.name}`,
    filesystem: 'ext4' as const,
    ...fields,
  }
  const node = { name: 'kube1', roles: [], labels: {}, taints: [], volumes: [volume] }
  return volumesOfNode(node, { name: 'lab' })[0]!
}

/** What is done with volumes on a machine, through the real planner and runner. */
export function volumesOn(machine: LabMachine) {
  const resourceOf = (volume: Volume) => volumeResource(volume, labKey)
  const step = (volumes: Volume[]) => [
    {
      name: 'volumes',
      title: 'volumes',
      work: [{ machine: machine.asMachine(), resources: volumes.map(resourceOf) }],
    },
  ]
  return {
    /** The changes that a plan would make. */
    changes: (...volumes: Volume[]): Promise<Change[]> => changesOf(step(volumes)),
    /** Their titles, or why they cannot be made. */
    async titles(...volumes: Volume[]): Promise<string[]> {
      const changes = await changesOf(step(volumes))
      return changes.map(({ title, blocked }) => blocked?.message ?? title)
    },
    /** Makes and verifies all of it. */
    apply: (...volumes: Volume[]): Promise<string[]> => applyResources(step(volumes)),
    /** What the planner wants now, as actions whose commands can be run in part. */
    async actions(volume: Volume): Promise<Action[]> {
      return (await plan(machine, volume)).actions
    },
    /** Runs the first so many commands of an action: a run that died there. */
    runPart: (action: Action, commands: number) =>
      runAction(machine.asMachine(), { ...action, commands: action.commands.slice(0, commands) }),
  }
}

async function plan(machine: LabMachine, volume: Volume): Promise<Planned> {
  const resource = volumeResource(volume, labKey)
  const answers = await ask(machine.asMachine(), { resources: [resource] })
  return resource.plan(answers.get(resource)!)
}

/** Shell that closes and removes a volume with all that belongs to it. */
export function removal({ name, vg, mapper, opened, path }: Volume): string {
  return [
    `umount ${path} 2>/dev/null; cryptsetup close ${mapper} 2>/dev/null`,
    `chattr -i ${path} 2>/dev/null; rmdir ${path} 2>/dev/null`,
    `sed -i '\\|^${opened} |d' /etc/fstab`,
    // udev puts together what it knows as soon as it sees it: an array, a volume group, an opened header.
    `holders() { ls "/sys/dev/block/$(printf '%d:%d' $(stat -L -c '0x%t 0x%T' /dev/${vg}/${name}))/holders"; }`,
    `for holder in $(holders); do case $holder in md*) mdadm --stop /dev/$holder ;; dm-*) dmsetup remove /dev/$holder ;; esac; done`,
    `wipefs -q -a /dev/${vg}/${name} 2>/dev/null`,
    `dd if=/dev/zero of=/dev/${vg}/${name} bs=1M count=1 conv=fsync 2>/dev/null`,
    `lvremove -q -y ${vg}/${name}`,
  ].join('\n')
}
