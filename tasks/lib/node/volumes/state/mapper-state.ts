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
  isInUse: boolean
}

/** All that dm-crypt maps, and from where. A TaskError where another kind of device has the name of a volume. */
export function readMappings(answers: Map<string, Said>, volumeName: string): Mapping[] {
  const info = new Map(linesOf(answerOf(answers, 'mappings')).map(readInfo))
  const mappings = readTables(answers, info)
  if (!info.has(volumeName) || mappings.some(({ name }) => name === volumeName)) return mappings
  throw unreadable(`${volumeName} is a device of another kind`)
}

function readTables(answers: Map<string, Said>, info: Map<string, Info>): Mapping[] {
  return linesOf(answerOf(answers, 'crypt')).map((line) => {
    const { name, ...table } = readTable(line)
    const device = info.get(name)
    if (!device) throw unreadable(`dmsetup tells of ${name} in one list only`)
    return { name, ...table, ...device }
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

// "luks-data: 0 SECTORS crypt CIPHER KEY IV-OFFSET DEVICE OFFSET …"; the key is printed as zeros or as a name.
function readTable(line: string): Pick<Mapping, 'name' | 'below' | 'bytes' | 'offset'> {
  const match = /^(\S+): 0 (\d+) crypt \S+ \S+ \d+ (\d+:\d+) (\d+)(?: |$)/.exec(line)
  if (!match)
    throw unreadable(`dmsetup table printed something else than one piece for ${line.split(':')[0]}`)
  const [, name, sectors, below, offset] = match
  return {
    name: name!,
    below: below!,
    bytes: Number(sectors) * sectorBytes,
    offset: Number(offset) * sectorBytes,
  }
}

function linesOf({ text }: Said): string[] {
  return text.split('\n').filter((line) => line !== '' && line !== 'No devices found')
}
