import type { LuksHeader } from '../../volume-keys/luks-header.ts'
import type { VolumeRecord } from '../record.ts'

/** All that a machine says of one volume, from the volume group up to the mount. */
export interface VolumeState {
  group: GroupState
  /** Undefined where there is no logical volume of that name. */
  logical?: LogicalState
  /** What the logical volume holds; undefined where there is none, or it is switched off. */
  content?: ContentState
  /** The opened device of the volume's name, whatever it is opened from. */
  opened?: OpenedState
  /** Names of other mapped devices that sit on the logical volume. */
  strangers: string[]
  mount: MountState
}

/** A volume group, or why nothing can be done with it. */
export type GroupState =
  | { isUsable: true; extentBytes: number; freeExtents: number }
  | { isUsable: false; reason: string }

export interface LogicalState {
  uuid: string
  bytes: number
  record?: VolumeRecord
  isActive: boolean
  /** "254:0", of its device. */
  number: string
}

/** What can be seen at a device, by nothing but reading. */
export interface ContentState {
  /** Every signature that blkid or wipefs finds: "ext4", "crypto_LUKS"; in no order, each once. */
  signatures: string[]
  /** Whether the first 4096 bytes are zeros, as lvcreate leaves them. */
  isBlank: boolean
  luks?: LuksState
  /** Names of the devices that sit on it, whatever made them: "luks-data", "md127". */
  holders: string[]
}

/** A LUKS header of which at least one copy is whole. */
export interface LuksState extends Pick<LuksHeader, 'version' | 'uuid'> {
  /** Number of keyslots in use. */
  keyslots: number
  isWhole: boolean
  /** The data are being encrypted anew. */
  isChanging: boolean
}

export interface OpenedState {
  /** "254:1" */
  number: string
  /** Of the device it is opened from. */
  below: string
  /** UUID of the header it was opened with, in small letters with dashes. */
  luks: string
  /** Bytes that it offers, and where they begin on the device below. */
  bytes: number
  offset: number
  isInUse: boolean
  passesDiscards: boolean
  /** What it holds. */
  signatures: string[]
  filesystem?: FilesystemState
}

export interface FilesystemState {
  type: string
  uuid: string
  /** Undefined where its programs could not tell. */
  bytes?: number
  /** Bytes at a device's end that it may leave unused. */
  slack: number
  /** It can hold project quotas. */
  hasQuota: boolean
  /** mkfs began it and did not come to its end: nothing can have been stored. */
  isUnfinished: boolean
}

export interface MountState {
  /** The device numbers mounted at the volume's path, the topmost last. */
  atPath: string[]
  /** Where else the opened device is mounted. */
  elsewhere: string[]
  isReadOnly: boolean
  /** Lines of fstab about the path or the device. */
  fstab: string[]
  /** The path as it is with every symbolic link followed. */
  realPath: string
  /** The folder below, seen past what is mounted there. */
  folder: 'missing' | 'directory' | 'other' | 'unknown'
  /** Names in the folder below, the first few. */
  entries: string[]
  /** Undefined where its file system does not know the attribute. */
  isImmutable?: boolean
  /** Of the top folder: "1000:1000 ops:ops"; undefined while nothing is mounted. */
  owner?: string
  /** The kernel can hold quotas of ext4. */
  hasQuota: boolean
}
