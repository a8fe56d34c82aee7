import { answerOf, type Said, unreadable } from './answers.ts'
import { readSignatures } from './content-state.ts'
import type { Mapping } from './mapper-state.ts'
import type { FilesystemState, OpenedState } from './volume-state.ts'

/** The opened device with what it holds. */
export function readOpened(answers: Map<string, Said>, mapping: Mapping): OpenedState {
  const node = answerOf(answers, 'opened-node').text
  if (node !== mapping.number)
    throw unreadable(`the device file of ${mapping.name} is ${node}, not ${mapping.number}`)
  const { number, below, luks, bytes, offset, isInUse } = mapping
  const signatures = readSignatures(answers, { blkid: 'opened-blkid', wipefs: 'opened-wipefs' })
  const passesDiscards = mapping.options.includes('allow_discards')
  const filesystem = readFilesystem(answers)
  return { number, below, luks, bytes, offset, isInUse, passesDiscards, signatures, filesystem }
}

function readFilesystem(answers: Map<string, Said>): FilesystemState | undefined {
  const { text } = answerOf(answers, 'opened-blkid', [0, 2, 8])
  const [type, uuid] = ['TYPE', 'UUID'].map((name) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1])
  if (type === undefined) return undefined
  const size = sizeOf(type, answers)
  const isUnfinished = type === 'xfs' && answers.get('begun')?.text.trim() === 'inprogress = 1'
  const hasQuota =
    type === 'xfs' || /^Filesystem features:.* project( |$)/m.test(answers.get('geometry')?.text ?? '')
  return { type, uuid: uuid ?? '', ...size, isUnfinished, hasQuota }
}

function sizeOf(type: string, answers: Map<string, Said>): Pick<FilesystemState, 'bytes' | 'slack'> {
  const said = answers.get('geometry')
  if (said?.code !== 0) return { slack: 0 }
  if (type === 'ext4') return ext4Size(said.text)
  return type === 'xfs' ? xfsSize(said.text) : { slack: 0 }
}

// A last group that has no room for its own tables is left out: mke2fs and resize2fs ask for its tables and 50 blocks.
function ext4Size(text: string) {
  const field = (name: string) => {
    const value = new RegExp(`^${name}:\\s+(\\d+)$`, 'm').exec(text)?.[1]
    if (value === undefined) throw unreadable(`dumpe2fs tells no "${name}"`)
    return Number(value)
  }
  const block = field('Block size')
  const groups = Math.ceil(field('Block count') / field('Blocks per group'))
  const descriptors = Math.ceil((groups * 64) / block)
  const reserved = /^Reserved GDT blocks:/m.test(text) ? field('Reserved GDT blocks') : 0
  const tables = field('Inode blocks per group') + descriptors + reserved + 3
  return { bytes: field('Block count') * block, slack: (tables + 50) * block }
}

// xfs leaves out a last group of fewer than 64 blocks.
function xfsSize(text: string) {
  const [, block, blocks] = /^data\s+=\s+bsize=(\d+)\s+blocks=(\d+),/m.exec(text) ?? []
  if (block === undefined || blocks === undefined) throw unreadable('xfs_info tells no number of blocks')
  return { bytes: Number(block) * Number(blocks), slack: 64 * Number(block) }
}
