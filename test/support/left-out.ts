import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../tasks/lib/cli/root.ts'

/** Tests that this host cannot run. */
export interface LeftOut {
  /** All of test/lab. */
  lab: boolean
  /** Test files of other projects. */
  files: string[]
}

const ofSshd = { sshd: 'openssh-server', 'ssh-keygen': 'openssh-client' }
const ofLab = {
  ...ofSshd,
  ...{ 'linux.uml': 'user-mode-linux', ip: 'iproute2', debootstrap: 'debootstrap' },
  ...{ haproxy: 'haproxy', keepalived: 'keepalived', socat: 'socat' },
  // The kernel and runc are built with them.
  ...{ make: 'make', flex: 'flex', bison: 'bison', bc: 'bc', xz: 'xz-utils' },
  ...{ gcc: 'gcc libc6-dev', '/usr/include/seccomp.h': 'libseccomp-dev' },
}

/**
 * A host without root or the programs of machines leaves their tests out, and is told so in one line. With
 * METALTASKS_LAB=required, as CI has it, none is ever left out: what is missing fails them.
 */
export function leftOut(): LeftOut {
  if (['required', 'full'].includes(process.env.METALTASKS_LAB ?? '')) return { lab: false, files: [] }
  const isRoot = process.getuid?.() === 0
  const lab = !isRoot || missing(ofLab).length > 0
  const files = !isRoot || missing(ofSshd).length > 0 ? usersOfSshd() : []
  if (lab) process.stderr.write(`${warning({ isRoot, files })}\n`)
  return { lab, files }
}

function warning({ isRoot, files }: { isRoot: boolean; files: string[] }): string {
  const packages = [...new Set(missing(ofLab))].join(' ')
  const needs = [...(isRoot ? [] : ['root']), ...(packages ? [`apt-get install ${packages}`] : [])]
  const what = `test/lab${files.length ? ` and ${files.length} files that use sshd` : ''}`
  return `NOT TESTED: ${what}; they need ${needs.join(' and ')} (METALTASKS_LAB=required: never leave them out)`
}

/** Packages of the programs that are not on PATH, and of the files that are not there. */
function missing(needed: Record<string, string>): string[] {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin']
  const isThere = (name: string) =>
    name.startsWith('/') ? existsSync(name) : folders.some((folder) => isProgram(join(folder, name)))
  return Object.entries(needed).flatMap(([name, packages]) => (isThere(name) ? [] : [packages]))
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false // not there, or not ours to run: both are "not here"
  }
}

function usersOfSshd(): string[] {
  const root = packageRoot()
  const names = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  const tests = names.filter((name) => name.endsWith('.test.ts')).map((name) => join('test', name))
  return tests.filter((file) => /support\/(sshd|own-root)\.ts/.test(readFileSync(join(root, file), 'utf8')))
}
