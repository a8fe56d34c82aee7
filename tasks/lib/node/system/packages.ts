import type { Finding, Place } from '../../cli/errors.ts'
import { quote, quoteAll } from '../../cli/process/quote.ts'
import type { Action, Answer, Planned, Resource } from '../resource.ts'
import { wholeAnswer } from './answers.ts'

export interface Package {
  name: string
  /** This version and no other: "1.36.3-1.1"; "1.36.3-*" for all that begin so. */
  version?: string
  /** Kept from upgrades until it is wanted otherwise. */
  hold?: boolean
}

/** Debian packages that are installed, all of them as one resource; others stay as they are and none is removed. */
export function packages(
  wanted: readonly (string | Package)[],
  { source }: { source?: Place } = {},
): Resource {
  const all = wanted.map((one) => (typeof one === 'string' ? { name: one } : one))
  return {
    target: 'packages',
    source,
    probe: packageProbe(all.map(({ name }) => name)),
    plan: (answer) => planPackages(all, answer),
  }
}

// dpkg-query knows nothing of some of them: its exit code tells nothing. What dpkg left half done is in updates/.
function packageProbe(names: string[]): string {
  return [
    'command -v dpkg-query >/dev/null || { echo no-dpkg; exit 0; }',
    `dpkg-query -W -f '\${Package} \${db:Status-Want} \${db:Status-Status} \${Version}\\n' ${quoteAll(names)} 2>/dev/null || :`,
    'echo "audit $(dpkg --audit | wc -l)"',
    'echo "updates $(find /var/lib/dpkg/updates -type f -name "[0-9]*" | wc -l)"',
  ].join('\n')
}

interface PackageState {
  hold: boolean
  version: string
}

function planPackages(wanted: Package[], answer: Answer): Planned {
  const rows = wholeAnswer(answer)
    .split('\n')
    .filter(Boolean)
    .map((row) => row.split(' '))
  if (rows[0]?.[0] === 'no-dpkg') return { actions: [withoutDpkg(wanted)] }
  const installed = new Map<string, PackageState>()
  for (const [name, want, status, version] of rows) {
    if (status === 'installed') installed.set(name!, { hold: want === 'hold', version: version! })
  }
  const left = (word: string) => Number(rows.find(([name]) => name === word)?.[1] ?? 0)
  const actions = left('audit') + left('updates') > 0 ? [repair] : []
  const missing = wanted.filter((one) => !isInstalled(one, installed))
  if (missing.length > 0) actions.push(install(missing, installed))
  const held = wanted.filter(({ name, hold }) => hold && !installed.get(name)?.hold).map(({ name }) => name)
  if (held.length > 0) actions.push(holdBack(held))
  return { actions }
}

function isInstalled({ name, version }: Package, installed: Map<string, PackageState>): boolean {
  const state = installed.get(name)
  return state !== undefined && (version === undefined || isVersion(state.version, version))
}

function isVersion(present: string, wanted: string): boolean {
  return wanted.endsWith('*') ? present.startsWith(wanted.slice(0, -1)) : present === wanted
}

/** Nobody answers its questions; configuration files that were changed stay. */
const quiet = 'export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l'
const keepFiles = '--force-confdef --force-confold'
const lock = '-o DPkg::Lock::Timeout=300'

const repair: Action = {
  action: 'run',
  title: 'finish the installation of packages that was interrupted',
  commands: [quiet, `dpkg ${keepFiles} --configure -a`],
}

// The lists of packages are fetched only where without them it cannot be done.
function install(missing: Package[], installed: Map<string, PackageState>): Action {
  const words = missing.map(({ name, version }) => quote(version ? `${name}=${version}` : name)).join(' ')
  const held = missing.some(({ name }) => installed.get(name)?.hold) ? ' --allow-change-held-packages' : ''
  const options = keepFiles.split(' ').map((word) => `-o Dpkg::Options::=${word}`)
  const get = `apt-get -q -y ${lock} ${options.join(' ')} --no-install-recommends --no-remove${held} install ${words}`
  return {
    action: 'create',
    title: `install ${listed(missing.map(({ name }) => name))}`,
    before: missing.flatMap(({ name }) => lineOf(name, installed.get(name)?.version)),
    after: missing.map(({ name, version }) => `${name} ${version ?? '(newest)'}`),
    commands: [quiet, `if ! ${get}\nthen apt-get -q ${lock} update\n${get}\nfi`],
  }
}

function lineOf(name: string, version: string | undefined): string[] {
  return version === undefined ? [] : [`${name} ${version}`]
}

function holdBack(names: string[]): Action {
  const title = `keep ${listed(names)} from upgrades`
  return { action: 'update', title, commands: [`apt-mark hold ${quoteAll(names)}`] }
}

function withoutDpkg(wanted: Package[]): Action {
  const blocked: Finding = {
    severity: 'error',
    message: 'it has no dpkg: only Debian, Ubuntu and their kin can be prepared',
    hint: `install these yourself: ${wanted.map(({ name }) => name).join(' ')}`,
  }
  return { action: 'create', title: 'install packages', commands: [], blocked }
}

function listed(names: string[]): string {
  return names.length <= 6
    ? names.join(', ')
    : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more packages`
}
