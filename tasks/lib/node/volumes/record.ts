/** What a logical volume's tags say that was done to it: the one memory of it, on the disk that it is about. */
export interface VolumeRecord {
  /** UUID that its LUKS header has, or is about to get. */
  luks?: string
  /** The header was made whole: it is never formatted again, whatever can be seen of it. */
  isLuksMade: boolean
  /** UUID that its file system has, or is about to get. */
  filesystem?: string
  /** A file system was made in it: none is ever made again. */
  isFilesystemMade: boolean
  /** Why the tags cannot be believed. */
  problem?: string
}

/** The tags, as lvchange --addtag takes them. None of them is ever removed by us. */
export const tags = {
  luks: (uuid: string) => `metaltasks.luks=${uuid}`,
  luksMade: 'metaltasks.luks-made',
  filesystem: (uuid: string) => `metaltasks.fs=${uuid}`,
  filesystemMade: 'metaltasks.fs-made',
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The record among the tags of a logical volume; undefined where we never had to do with it. */
export function readRecord(lvTags: readonly string[]): VolumeRecord | undefined {
  const ours = lvTags.filter((tag) => tag.startsWith('metaltasks.'))
  if (ours.length === 0) return undefined
  const luks = valuesOf(ours, 'metaltasks.luks=')
  const filesystem = valuesOf(ours, 'metaltasks.fs=')
  const record = {
    luks: luks[0],
    isLuksMade: ours.includes(tags.luksMade),
    filesystem: filesystem[0],
    isFilesystemMade: ours.includes(tags.filesystemMade),
  }
  const problem = problemOf({ ours, luks, filesystem })
  return problem === undefined ? record : { ...record, problem }
}

function problemOf({ ours, luks, filesystem }: Record<'ours' | 'luks' | 'filesystem', string[]>) {
  const marks: string[] = [tags.luksMade, tags.filesystemMade]
  const unknown = ours.find((tag) => !/^metaltasks\.(luks|fs)=/.test(tag) && !marks.includes(tag))
  if (unknown) return `its tag ${unknown} is none that this version knows`
  if (luks.length !== 1)
    return luks.length > 1 ? 'its tags name two LUKS UUIDs' : 'its tags name no LUKS UUID'
  if (filesystem.length > 1) return 'its tags name two file systems'
  const wrong = [...luks, ...filesystem].find((uuid) => !uuidForm.test(uuid))
  return wrong === undefined ? undefined : `its tags name ${wrong}, which is no UUID`
}

function valuesOf(all: string[], prefix: string): string[] {
  return all.filter((tag) => tag.startsWith(prefix)).map((tag) => tag.slice(prefix.length))
}
