import { type Signature, signatureScript, signatures } from './signatures.ts'
import { filesystemUuid, luksUuid } from './volume-states.ts'

const foreignUuid = '99999999-2222-4333-8444-555555555555'
const luks = 'cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000'
const key = '--key-file /root/volume-key'

/** Records that a volume may carry, true and false ones. */
const records = {
  none: [],
  created: [`metaltasks.luks=${luksUuid}`],
  formatted: [`metaltasks.luks=${luksUuid}`, 'metaltasks.luks-made'],
  filling: [`metaltasks.luks=${luksUuid}`, 'metaltasks.luks-made', `metaltasks.fs=${filesystemUuid}`],
  filled: [
    `metaltasks.luks=${luksUuid}`,
    'metaltasks.luks-made',
    `metaltasks.fs=${filesystemUuid}`,
    'metaltasks.fs-made',
  ],
  twice: [`metaltasks.luks=${luksUuid}`, `metaltasks.luks=${foreignUuid}`],
  unknown: [`metaltasks.luks=${luksUuid}`, 'metaltasks.later=1'],
}

/** Shell that puts something on $d, which is all zeros. */
const contents = {
  blank: ':',
  random: 'dd if=/dev/urandom of=$d bs=1M count=20 conv=notrunc',
  bytes: 'echo of a database of its own kind | dd of=$d bs=1 seek=200 conv=notrunc',
  luks: `${luks} ${key} --uuid ${luksUuid} $d`,
  foreignLuks: `${luks} ${key} --uuid ${foreignUuid} $d`,
  begun: `${luks} ${key} --uuid ${luksUuid} $d; cryptsetup luksKillSlot -q $d 0 </dev/null`,
  foreignBegun: `${luks} ${key} --uuid ${foreignUuid} $d; cryptsetup luksKillSlot -q $d 0 </dev/null`,
  firstCopyDamaged: `${luks} ${key} --uuid ${luksUuid} $d; echo damage | dd of=$d bs=1 seek=5000 conv=notrunc`,
  secondCopyDamaged: `${luks} ${key} --uuid ${luksUuid} $d; echo damage | dd of=$d bs=1 seek=21000 conv=notrunc`,
  overwritten: `${luks} ${key} --uuid ${luksUuid} $d; mkswap -q /run/swap; dd if=/run/swap of=$d bs=4096 count=1 conv=notrunc`,
  zeroed: `${luks} ${key} --uuid ${luksUuid} $d; dd if=/dev/zero of=$d bs=1M count=1 conv=notrunc`,
  ...(Object.fromEntries(
    (Object.keys(signatures) as Signature[]).map((kind) => [`planted ${kind}`, signatureScript(kind, '$d')]),
  ) as Record<`planted ${Signature}`, string>),
}

/** Shell that puts something into the opened $o. */
const inners = {
  nothing: ':',
  own: `mkfs.ext4 -q -U ${filesystemUuid} $o`,
  ext4: 'mkfs.ext4 -q $o',
  swap: 'mkswap -q $o',
  random: 'dd if=/dev/urandom of=$o bs=1M count=2 conv=notrunc',
}

/** How it was left: closed, open under its name or another. */
const opened = ['closed', 'open', 'otherwise'] as const

export interface DiskState {
  record: keyof typeof records
  content: keyof typeof contents
  inner: keyof typeof inners
  opened: (typeof opened)[number]
}

/** A state by a source of numbers below 1. */
export function randomDiskState(random: () => number): DiskState {
  const one = <T>(all: readonly T[]) => all[Math.floor(random() * all.length)]!
  const names = <T extends object>(table: T) => Object.keys(table) as (keyof T)[]
  // Half of them near to what the planner goes on with.
  const isNear = random() < 0.5
  return {
    record: isNear ? one(['created', 'formatted', 'filling', 'filled'] as const) : one(names(records)),
    content: isNear ? one(['blank', 'luks', 'begun', 'luks'] as const) : one(names(contents)),
    inner: one(names(inners)),
    opened: random() < 0.5 ? 'closed' : one(opened),
  }
}

/** Shell that makes a logical volume of vg0 that is in a state. */
export function plantScript(name: string, { record, content, inner, opened: how }: DiskState): string {
  const tags = records[record].map((tag) => `--addtag ${tag}`).join(' ')
  const mapper = how === 'otherwise' ? `other-${name}` : `luks-${name}`
  const isOpenable = ['luks', 'foreignLuks'].includes(content)
  return [
    `d=/dev/vg0/${name}; o=/dev/mapper/${mapper}; truncate -s 8M /run/swap`,
    `lvcreate -q -n ${name} -L 24M -Wn -Zn ${tags} vg0 </dev/null; dd if=/dev/zero of=$d bs=1M count=24`,
    contents[content],
    ...(isOpenable ? [`cryptsetup open ${key} $d ${mapper}`, inners[inner], 'sync'] : []),
    ...(isOpenable && how === 'closed' ? [`udevadm settle; cryptsetup close ${mapper}`] : []),
    'sync',
  ].join('\n')
}

/**
 * What may change of such a volume: all of it, what is behind its header, only what a mount writes, or not a byte. Written
 * down here anew, not asked of the planner.
 */
export function mayChange({
  record,
  content,
  inner,
  opened: how,
}: DiskState): 'all' | 'inside' | 'mount' | 'nothing' {
  // What luksFormat leaves when it dies before it has written its header: zeros, and random bytes where keyslots will be.
  if (record === 'created' && ['blank', 'begun', 'zeroed'].includes(content)) return 'all'
  if (content !== 'luks' || how === 'otherwise') return 'nothing'
  // Bytes without a signature are what an opened volume that was never written to shows.
  const isEmpty = inner === 'nothing' || inner === 'random'
  if (['created', 'formatted', 'filling'].includes(record) && isEmpty) return 'inside'
  if (record === 'filling' && inner === 'own') return 'mount'
  return record === 'filled' && (inner === 'own' || inner === 'ext4') ? 'mount' : 'nothing'
}
