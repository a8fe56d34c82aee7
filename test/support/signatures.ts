import { open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { run } from './cli.ts'

/** What a device can carry that must not be formatted over. */
export type Signature = 'ext4' | 'xfs' | 'luks' | 'gpt' | 'swap' | 'raid' | 'lvm'

/** All of them, with the name that `blkid -p -o value -s TYPE` (PTTYPE for gpt) gives each. */
export const signatures: Record<Signature, string> = {
  ext4: 'ext4',
  xfs: 'xfs',
  luks: 'crypto_LUKS',
  gpt: 'gpt',
  swap: 'swap',
  raid: 'linux_raid_member',
  lvm: 'LVM2_member',
}

/** The passphrase of a planted LUKS device. */
const plantedPassphrase = 'a passphrase of somebody else'

/** Shell for inside a machine that puts a real signature on a device, of 20 MiB or more. */
export function signatureScript(kind: Signature, device: string): string {
  const onMachine = {
    raid: `mdadm --create /dev/md127 --run --level=1 --raid-devices=2 ${device} missing && mdadm --stop /dev/md127`,
    lvm: `pvcreate -q --config devices/scan_lvs=1 ${device}`,
  }
  return kind === 'raid' || kind === 'lvm' ? onMachine[kind] : anywhere(kind, device)
}

/** Puts a signature on a file of 20 MiB or more: the disk of a machine that is off, or a plain file. */
export async function plantSignature(file: string, kind: Signature): Promise<void> {
  if (kind === 'raid') return write(file, raidMember())
  if (kind === 'lvm') return write(file, physicalVolume())
  const ran = await run('sh', ['-c', anywhere(kind, `'${file}'`)])
  if (ran.exitCode !== 0) throw new Error(`${kind} on ${file}: ${ran.stderr}`)
}

function anywhere(kind: Exclude<Signature, 'raid' | 'lvm'>, device: string): string {
  const format = 'cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000'
  const scripts = {
    ext4: `mkfs.ext4 -q -F ${device}`,
    xfs: `mkfs.xfs --unsupported -q -f ${device}`,
    luks: `printf %s '${plantedPassphrase}' | ${format} ${device} -`,
    gpt: `printf 'label: gpt\\nsize=4MiB\\n' | sfdisk -q ${device}`,
    swap: `mkswap -q ${device}`,
  }
  return scripts[kind]
}

async function write(file: string, { at, bytes }: { at: number; bytes: Buffer }): Promise<void> {
  const handle = await open(file, 'r+')
  await handle.write(bytes, 0, bytes.length, at)
  await handle.close()
}

/** A version 1.2 superblock of an array (linux/raid/md_p.h), which cannot be made without md in the kernel. */
function raidMember() {
  const at = 4096
  const bytes = Buffer.alloc(512)
  bytes.writeUInt32LE(0xa92b4efc, 0)
  bytes.writeUInt32LE(1, 4)
  bytes.write('0123456789abcdef', 16, 'latin1')
  bytes.write('array', 32, 'latin1')
  bytes.writeInt32LE(1, 72)
  bytes.writeUInt32LE(2, 92)
  bytes.writeBigUInt64LE(BigInt(at / 512), 144)
  return { at, bytes }
}

/** The label of an LVM physical volume (lib/format_text/layout.h of LVM2), which cannot be made without a block device. */
function physicalVolume() {
  const bytes = Buffer.alloc(512)
  bytes.write('LABELONE', 0, 'latin1')
  bytes.writeBigUInt64LE(1n, 8)
  bytes.writeUInt32LE(32, 20)
  bytes.write('LVM2 001', 24, 'latin1')
  bytes.write('abcdefghijklmnopqrstuvwxyz012345', 32, 'latin1')
  bytes.writeBigUInt64LE(64n * 1024n * 1024n, 64)
  // LVM's own start value, and no inversion at the end.
  bytes.writeUInt32LE(~crc32(bytes.subarray(20), ~0xf597a6cf >>> 0) >>> 0, 16)
  return { at: 512, bytes }
}
