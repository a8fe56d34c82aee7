import { run } from '../../tasks/lib/cli/process/shell.ts'
import type { Answer } from '../../tasks/lib/node/resource.ts'
import { headerProbe } from '../../tasks/lib/node/volume-keys/luks2-header.ts'
import { filesystemUuid, luksUuid } from './volume-states.ts'

/** What each program of a volume's probe said: its exit code and its output. */
export type Parts = Record<string, [code: number, text: string]>

/** The answer of a probe whose programs said this, in this order. */
export function volumeAnswer(parts: Parts): Answer {
  const lines = Object.entries(parts).map(
    ([name, [code, text]]) => `${name} ${code} ${Buffer.from(text).toString('base64')}`,
  )
  return { stdout: `${[...lines, 'whole 0 '].join('\n')}\n`, stderr: '', exitCode: 0 }
}

const group = {
  vg_name: 'vg0',
  vg_extent_size: '4194304',
  vg_free_count: '1000',
  vg_missing_pv_count: '0',
  vg_exported: '',
}

/** What lvs says of vg0/data with these tags. */
export function logicalPart(...tags: string[]): Parts {
  const row = {
    lv_name: 'data',
    lv_uuid: 'LV-1',
    lv_size: String(2 ** 30),
    lv_tags: tags.join(','),
    lv_active: 'active',
    lv_kernel_major: '254',
    lv_kernel_minor: '0',
  }
  return { logical: [0, report('lv', [row])] }
}

/** A machine with a volume group and nothing in it. */
export const emptyParts: Parts = {
  group: [0, report('vg', [group])],
  logical: [0, report('lv', [])],
  mappings: [0, 'No devices found'],
  crypt: [0, 'No devices found'],
  'opened-node': [0, 'none'],
  mounts: [1, ''],
  fstab: [0, '/dev/sda1 / ext4 defaults 0 1\n'],
  real: [0, '/srv/data'],
  below: [0, 'missing'],
  owner: [1, ''],
  quota: [1, ''],
}

/** The tags of a volume that is all made. */
export const allTags = [
  `metaltasks.luks=${luksUuid}`,
  'metaltasks.luks-made',
  `metaltasks.fs=${filesystemUuid}`,
  'metaltasks.fs-made',
]

const sectors = (2 ** 30 - 16 * 2 ** 20) / 512

/** What is said of the opened volume, with ext4 in it, mounted at its path. */
export const mountedParts: Parts = {
  mappings: [0, `luks-data 254 1 1 CRYPT-LUKS2-${luksUuid.replaceAll('-', '')}-luks-data`],
  crypt: [
    0,
    `luks-data: 0 ${sectors} crypt aes-xts-plain64 :64:logon:cryptsetup:${luksUuid}-d0 0 254:0 32768 1 sector_size:4096`,
  ],
  'opened-blkid': [0, `DEVNAME=/dev/mapper/luks-data\nUUID=${filesystemUuid}\nTYPE=ext4\nUSAGE=filesystem`],
  'opened-wipefs': [0, '{"signatures": [{"type": "ext4"}]}'],
  geometry: [
    0,
    `Block count:              ${sectors / 8}\nReserved GDT blocks:      100\nBlock size:               4096\nBlocks per group:         32768\nInode blocks per group:   512`,
  ],
  'opened-node': [0, '254:1'],
  mounts: [0, '61 16 254:1 / /srv/data rw,relatime shared:32 - ext4 /dev/mapper/luks-data rw'],
  fstab: [0, '# a comment\n/dev/mapper/luks-data /srv/data ext4 defaults,noauto,nofail 0 0\n'],
  below: [0, 'directory\n----i---------e-------'],
  owner: [0, '1000:1000 ops:ops'],
}

/** What the same programs say of a file in place of the logical volume. */
export async function contentParts(file: string): Promise<Parts> {
  const said = async (command: string): Promise<[number, string]> => {
    const { exitCode, stdout } = await run(['sh', '-c', command], { allowFailure: true })
    return [exitCode, stdout]
  }
  return {
    node: [0, 'fe:0'],
    header: await said(headerProbe(file)),
    blkid: await said(`blkid -p -o export ${file}`),
    wipefs: await said(`wipefs --no-act --json ${file}`),
    holders: [0, ''],
  }
}

function report(kind: 'vg' | 'lv', rows: object[]): string {
  return JSON.stringify({ report: [{ [kind]: rows }] })
}
