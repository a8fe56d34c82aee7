import { answerOf, type Said, unreadable } from './answers.ts'

const sectorBytes = 512

/** One device of the device mapper that dm-crypt made. */
export interface Mapping {
  name: string
  number: string
  /** Of the device below. */
  below: string
  luks: string
  bytes: number
  offset: number
  /** "allow_discards", "sector_size:4096". */
  options: string[]
  isInUse: boolean
}

/** All that dm-crypt maps, and from where. A TaskError where another kind of device has the name of a volume. */
export function readMappings(answers: Map<string, Said>, volumeName: string): Mapping[] {
  const info = new Map(linesOf(answerOf(answers, 'mappings')).map(readInfo))
  const mappings = readTables(answers, { info, volumeName })
  if (!info.has(volumeName) || mappings.some(({ name }) => name === volumeName)) return mappings
  throw unreadable(`${volumeName} is a device of another kind`)
}

function readTables(
  answers: Map<string, Said>,
  { info, volumeName }: { info: Map<string, Info>; volumeName: string },
): Mapping[] {
  const lines = linesOf(answerOf(answers, 'crypt'))
  return lines.map((line) => {
    const [name = ''] = line.split(': ')
    const table = readTable(line)
    if (!table && name === volumeName)
      throw unreadable(`dmsetup table printed more than one piece for ${name}`)
    const device = info.get(name) ?? { number: '', luks: '', isInUse: true }
    return { name, ...(table ?? { ...strange, below: belowOf(line) }), ...device }
  })
}

type Info = Pick<Mapping, 'number' | 'luks' | 'isInUse'>

// Name, major, minor, times it is open, UUID: "luks-data 254 1 1 CRYPT-LUKS2-…-luks-data".
function readInfo(line: string): [string, Info] {
  const match = /^(\S+) (\d+) (\d+) (\d+)(?: (\S*))?$/.exec(line)
  if (!match) throw unreadable(`dmsetup info printed ${JSON.stringify(line)}`)
  const [, name, major, minor, open, id = ''] = match
  const hex = /^CRYPT-LUKS[12]-([0-9a-f]{32})-/.exec(id)?.[1] ?? ''
  const luks = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return [name!, { number: `${major}:${minor}`, luks, isInUse: open !== '0' }]
}

type Table = Pick<Mapping, 'below' | 'bytes' | 'offset' | 'options'>

const strange = { bytes: 0, offset: 0, options: [] }

// "luks-data: 0 SECTORS crypt CIPHER KEY IV-OFFSET DEVICE OFFSET …"; the key is printed as zeros or as a name.
function readTable(line: string): Table | undefined {
  const match = /^\S+: 0 (\d+) crypt \S+ \S+ \d+ (\d+:\d+) (\d+)(?: \d+ (.*))?$/.exec(line)
  if (!match) return undefined
  const [, sectors, below, offset, options = ''] = match
  return {
    below: below!,
    bytes: Number(sectors) * sectorBytes,
    offset: Number(offset) * sectorBytes,
    options: options.split(' '),
  }
}

// Of another hand's device only this matters: what it sits on.
function belowOf(line: string): string {
  return / (\d+:\d+) \d+/.exec(line)?.[1] ?? ''
}

function linesOf({ text }: Said): string[] {
  return text.split('\n').filter((line) => line !== '' && line !== 'No devices found')
}
