import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { openProgramText } from '../../tasks/lib/node/unlock/open-program.ts'
import { temporaryFolder } from '../support/folder.ts'

/*
 * The boot program with stand-ins for the programs that need device-mapper, which only lab machines have: an opened
 * device is a file, and so is a mount. Each pause appends the status so far, and the third one is the last.
 */
let at: string

beforeEach(async () => {
  at = await temporaryFolder()
  for (const name of ['bin', 'dev', 'mapper', 'mounted']) mkdirSync(join(at, name), { recursive: true })
  for (const [name, text] of Object.entries({
    'volume-key': `[ -e "${at}/dev/$1.locked" ] && { echo "volume-key: no key of $1" >&2; exit 1; }; echo key`,
    cryptsetup: `[ -n "$(cat)" ] || exit 1; for last; do :; done; : >"${at}/mapper/$last"`,
    mount: `echo "$1" >>${at}/order; : >"${at}/mounted/$(echo "$1" | tr / _)"`,
    mountpoint: `[ -e "${at}/mounted/$(echo "$2" | tr / _)" ]`,
    dmsetup: 'echo "1 dependencies  : (254, 0)"',
    lsblk: 'echo " 254:0 "',
    findmnt: 'echo 254:0',
    fsck: 'exit 0',
    'systemd-notify': `echo "$1" >>${at}/status`,
    sleep: `[ "$(wc -l <${at}/status)" -lt 3 ] || kill $PPID`,
  })) {
    writeFileSync(join(at, 'bin', name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(at, 'bin', name), 0o755)
  }
})

function open(volumes: [name: string, path: string][]): { status: string[]; mounted: string[] } {
  const table = volumes.map(([name, path]) => `${name} ${at}/dev/${name} luks-${name} - ${path}`)
  for (const [name] of volumes) writeFileSync(join(at, 'dev', name), '')
  writeFileSync(join(at, 'table'), `# comment\n${table.join('\n')}\n`)
  const text = openProgramText()
    .replaceAll('/etc/volume-keys/volumes', `${at}/table`)
    .replaceAll('/usr/local/sbin/volume-key', 'volume-key')
    .replaceAll('/dev/mapper/', `${at}/mapper/`)
    .replaceAll('[ ! -b ', '[ ! -e ')
    .replaceAll('[ -b ', '[ -e ')
  const env = { PATH: `${join(at, 'bin')}:/usr/bin:/bin` }
  try {
    execFileSync('dash', ['-c', text], { env, stdio: 'pipe' })
  } catch {
    // Ended by the last pause.
  }
  const lines = (file: string) =>
    existsSync(join(at, file)) ? readFileSync(join(at, file), 'utf8').trim().split('\n') : []
  return { status: lines('status'), mounted: lines('order') }
}

function lock(name: string): void {
  writeFileSync(join(at, 'dev', `${name}.locked`), '')
}

test('ends when all volumes are mounted', () => {
  const { status, mounted } = open([
    ['data', '/srv/data'],
    ['more', '/srv/more disk'],
  ])
  expect(mounted).toEqual(['/srv/data', '/srv/more disk'])
  expect(status).toEqual(['--status=all volumes are mounted'])
})

test('B14 opens the others when one fails, names it and does not end', () => {
  lock('data')
  const { status, mounted } = open([
    ['data', '/srv/data'],
    ['more', '/srv/more'],
  ])
  expect(mounted).toEqual(['/srv/more'])
  expect([...new Set(status)]).toEqual(['--status=waiting: volume data: volume-key: no key of data'])
})

test('mounts nothing inside a volume that is closed', () => {
  lock('data')
  const { status, mounted } = open([
    ['data', '/srv/data'],
    ['inner', '/srv/data/inner'],
    ['beside', '/srv/data-beside'],
  ])
  expect(mounted).toEqual(['/srv/data-beside'])
  expect(status[0]).toContain('volume inner: the volume around /srv/data/inner is closed')
})
