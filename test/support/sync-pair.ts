import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { syncProfile, syncProgramText } from '../../tasks/lib/node/sync/program.ts'
import { type Ran, run } from './cli.ts'

/** Two machines in one folder of this host: the real program and the real unison, with a pretended ssh between them. */
export interface SyncPair {
  /** The synchronised folder of each side. */
  here: string
  there: string
  /** Where the program keeps its records on the side that runs it. */
  state: string
  /** The command line of one run: for tests that kill it. */
  argv: string[]
  synchronise(): Promise<Ran>
  /** What a power cut of the other side looks like to the program: another boot. */
  rebootThere(): void
  remove(): void
}

/** Makes them, with a mark in each folder. */
export function syncPair(): SyncPair {
  const root = mkdtempSync(join(tmpdir(), 'sync-'))
  const side = (name: string) => join(root, name)
  for (const name of ['here', 'there']) makeSide(root, name)
  writeProgram(side('here/ssh'), pretendedSsh(side('there/program')))
  const argv = [side('here/program'), 'run', 'share']
  const boot = (name: string, id: string) => writeFileSync(side(`${name}/boot`), `${id}\n`)
  return {
    ...{ here: side('here/share'), there: side('there/share'), state: side('here/state/share'), argv },
    synchronise: () => run(argv[0]!, argv.slice(1)),
    rebootThere: () => boot('there', String(Math.random())),
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

function makeSide(root: string, name: string): void {
  const own = join(root, name)
  const folder = join(own, 'share')
  for (const path of ['share/.metaltasks-sync', 'settings', 'state/share'])
    mkdirSync(join(own, path), { recursive: true })
  const settings = `folder=${folder}\nmount=\nsource=\nfirst=here\npeers=there\n`
  writeFileSync(join(own, 'settings/share.conf'), settings)
  writeFileSync(join(own, 'state/share/common.prf'), profile(root, folder))
  writeFileSync(join(own, 'boot'), `${name}\n`)
  const text = syncProgramText
    .replaceAll('/etc/metaltasks-sync', join(own, 'settings'))
    .replaceAll('/var/lib/metaltasks-sync', join(own, 'state'))
    .replaceAll('/proc/sys/kernel/random/boot_id', join(own, 'boot'))
    .replace('PATH=/usr/sbin', `PATH=${own}:/usr/sbin`)
    // Each side has its folder at another path here.
    .replaceAll('ssh://$peer/$folder', `ssh://$peer/${join(root, 'there/share')}`)
    .replaceAll('ssh://$1/$folder', `ssh://$1/${join(root, 'there/share')}`)
  writeProgram(join(own, 'program'), text)
  writeProgram(join(own, 'systemd-run'), pretendedSystemd)
}

function profile(root: string, folder: string): string {
  return `${syncProfile(folder).replace(/^sshargs.*$/m, '')}sshcmd = ${join(root, 'here/ssh')}\n`
}

function writeProgram(path: string, text: string): void {
  writeFileSync(path, text)
  chmodSync(path, 0o755)
}

// Options and the host, in any order, then what it is to run there: that is what sshd hands to the key's own program.
function pretendedSsh(program: string): string {
  return `#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
    -F | -l | -e | -p) shift 2 ;;
    -* | there) shift ;;
    *) break ;;
  esac
done
SSH_ORIGINAL_COMMAND="$*" exec ${program} serve here
`
}

// The limits of the service are systemd's; here only what it runs counts.
const pretendedSystemd = `#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
    -E) export "$2"; shift 2 ;;
    -p) shift 2 ;;
    -*) shift ;;
    *) break ;;
  esac
done
exec "$@"
`
