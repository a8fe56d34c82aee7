import { createHash } from 'node:crypto'
import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { quote } from '../../tasks/lib/cli/process/quote.ts'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import type { Volume } from '../../tasks/lib/node/volumes/volume.ts'
import { temporaryFolder, writeScript } from './folder.ts'
import { luksUuid, sampleVolume } from './volume-states.ts'

/**
 * A volume whose logical volume is a file: cryptsetup, blkid, wipefs and mkfs are the real ones, LVM and the device
 * mapper are scripts, for this host may have neither.
 */
export interface FileVolume {
  volume: Volume
  /** The file in place of the logical volume. */
  file: string
  /** The file with its key. */
  keyFile: string
  setTags(...tags: string[]): Promise<void>
  tags(): Promise<string[]>
  /** How often something has the device open, as dmsetup would say. */
  setOpen(count: number): Promise<void>
  /** The words with which cryptsetup was started, line by line. */
  cryptsetupCalls(): Promise<string[]>
  /** Runs commands as an action's are run. */
  run(commands: readonly string[]): Promise<{ exitCode: number; stderr: string }>
  hash(): Promise<string>
}

/** An empty volume of so many MiB that was just recorded. */
export async function fileVolume(mebibytes = 20): Promise<FileVolume> {
  const folder = await temporaryFolder()
  const at = (name: string) => join(folder, name)
  const file = at('disk')
  await writeFile(file, '')
  await truncate(file, mebibytes * 2 ** 20)
  await writePrograms(folder)
  const setTags = (...tags: string[]) => writeFile(at('tags'), tags.map((tag) => `${tag}\n`).join(''))
  await setTags(`metaltasks.luks=${luksUuid}`)
  await writeFile(at('open'), '0\n')
  await writeFile(at('calls'), '')
  await writeFile(at('key'), Buffer.alloc(64, 0xa5))
  const lines = async (name: string) => (await readFile(at(name), 'utf8')).split('\n').filter(Boolean)
  return {
    ...{ file, keyFile: at('key'), setTags },
    volume: sampleVolume({ device: file }),
    tags: () => lines('tags'),
    setOpen: (count) => writeFile(at('open'), `${count}\n`),
    cryptsetupCalls: () => lines('calls'),
    run: (commands) => {
      const evaluated = commands.map((command) => `eval ${quote(command)}`)
      const script = [`set -eu; PATH=${folder}/bin:$PATH`, ...evaluated].join('\n')
      return run(['sh', '-c', script], { allowFailure: true })
    },
    hash: async () =>
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
  }
}

async function writePrograms(folder: string): Promise<void> {
  const bin = join(folder, 'bin')
  const field = 'for word; do case $word in lv_*) field=$word ;; esac; done'
  const answers = `case $field in lv_uuid) echo '  LV-1' ;; lv_tags) paste -sd, ${folder}/tags ;; *) echo '  0 0' ;; esac`
  await writeScript(join(bin, 'lvs'), `${field}\n${answers}`)
  await writeScript(join(bin, 'lvchange'), `[ "$1" = --addtag ] && echo "$2" >>${folder}/tags`)
  const id = `CRYPT-LUKS2-${luksUuid.replaceAll('-', '')}-luks-data`
  const told = `*'-o uuid'*) echo ${id} ;; *deps*) printf '1 dependencies\\t: (0, 0)\\n' ;; *) cat ${folder}/open ;;`
  await writeScript(join(bin, 'dmsetup'), `case $* in ${told} esac`)
  await writeScript(join(bin, 'cryptsetup'), `echo "$*" >>${folder}/calls\nexec /usr/sbin/cryptsetup "$@"`)
}
