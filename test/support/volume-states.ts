import type { VolumeState } from '../../tasks/lib/node/volumes/state/volume-state.ts'
import { type Volume, volumesOfNode } from '../../tasks/lib/node/volumes/volume.ts'

const gibibyte = 2 ** 30
export const luksUuid = '11111111-2222-4333-8444-555555555555'
export const filesystemUuid = '66666666-7777-4888-8999-aaaaaaaaaaaa'

/** The volume that the states below are about. */
export function sampleVolume(fields: Partial<Volume> = {}): Volume {
  const volume = { name: 'data', vg: 'vg0', size: '1Gi', path: '/srv/data', filesystem: 'ext4' as const }
  const node = { name: 'kube1.example.com', roles: [], labels: {}, taints: [], volumes: [volume] }
  const [sample] = volumesOfNode(node, { name: 'home' })
  return { ...sample!, ...fields }
}

/** A volume group with room, and nothing else. */
export function emptyState(): VolumeState {
  return {
    group: { isUsable: true, extentBytes: 4 * 2 ** 20, freeExtents: 1000 },
    strangers: [],
    mount: {
      atPath: [],
      elsewhere: [],
      isReadOnly: false,
      fstab: [],
      realPath: '/srv/data',
      folder: 'missing',
      entries: [],
      hasQuota: false,
    },
  }
}

/** A logical volume that was just made by us. */
export function createdState(): VolumeState {
  const record = { luks: luksUuid, isLuksMade: false, isFilesystemMade: false }
  return {
    ...emptyState(),
    logical: { uuid: 'LV-1', bytes: gibibyte, record, isActive: true, number: '254:0' },
    content: { signatures: [], isBlank: true, holders: [] },
  }
}

/** One with a LUKS header that is recorded, not opened. */
export function formattedState(): VolumeState {
  const { logical, ...state } = createdState()
  return {
    ...state,
    logical: { ...logical!, record: { ...logical!.record!, isLuksMade: true } },
    content: {
      signatures: ['crypto_LUKS'],
      isBlank: false,
      holders: [],
      luks: { version: 2, uuid: luksUuid, keyslots: 1, isWhole: true, isChanging: false },
    },
  }
}

/** The same, opened, with nothing in it. */
export function openedState(): VolumeState {
  return {
    ...formattedState(),
    opened: {
      number: '254:1',
      below: '254:0',
      luks: luksUuid,
      offset: 16 * 2 ** 20,
      bytes: gibibyte - 16 * 2 ** 20,
      isInUse: false,
      passesDiscards: false,
      signatures: [],
    },
  }
}

/** The same with the file system that is recorded. */
export function filledState(): VolumeState {
  const { logical, opened, ...state } = openedState()
  const record = { ...logical!.record!, filesystem: filesystemUuid, isFilesystemMade: true }
  const bytes = opened!.bytes
  const filesystem = {
    type: 'ext4',
    uuid: filesystemUuid,
    bytes,
    slack: 0,
    isUnfinished: false,
    hasQuota: false,
  }
  return {
    ...state,
    logical: { ...logical!, record },
    opened: { ...opened!, signatures: ['ext4'], filesystem },
  }
}

/** All as the configuration wants it. */
export function wholeState(): VolumeState {
  const state = filledState()
  return {
    ...state,
    mount: {
      ...state.mount,
      atPath: ['254:1'],
      fstab: ['/dev/mapper/luks-data /srv/data ext4 defaults,noauto,nofail 0 0'],
      folder: 'directory',
      isImmutable: true,
      owner: '0:0 root:root',
    },
  }
}

/** A state with some of its parts otherwise: each part is merged, not replaced. */
export function changed(
  state: VolumeState,
  parts: { [Part in keyof VolumeState]?: object | undefined },
): VolumeState {
  const entries = Object.entries(parts).map(([name, part]) => {
    const present = state[name as keyof VolumeState]
    return [
      name,
      part && typeof present === 'object' && !Array.isArray(part) ? { ...present, ...part } : part,
    ]
  })
  return { ...state, ...Object.fromEntries(entries) }
}
