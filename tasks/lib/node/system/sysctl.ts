import type { Place } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import type { Answer, Planned, Resource } from '../resource.ts'
import { answerLines } from './answers.ts'
import { file } from './file.ts'

export interface SysctlOptions {
  values: Readonly<Record<string, string>>
  /** The file that sets them at boot; of several files the last by name wins. */
  path: string
  source?: Place
}

/** Kernel parameters, set now and at each boot. */
export function sysctl({ values, path, source }: SysctlOptions): Resource[] {
  const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}\n`)
  const now: Resource = {
    target: 'kernel parameters',
    source,
    probe: parameterProbe(Object.keys(values)),
    plan: (answer) => planParameters(values, answer),
  }
  return [file({ path, content: lines.join(''), source }), now]
}

// Fields of a value are apart by tabs; one of a module that is not loaded yet is absent.
function parameterProbe(keys: string[]): string {
  return keys
    .map((key) => {
      const path = quote(parameterPath(key))
      return `printf '%s = ' ${quote(key)}; if test -e ${path}; then tr '\\t' ' ' <${path}; else echo absent; fi`
    })
    .join('\n')
}

/** Where a parameter is: "net.ipv4.ip_forward" in /proc/sys/net/ipv4/ip_forward; of "a/b.c", "." is no separator. */
export function parameterPath(key: string): string {
  const first = /[./]/.exec(key)?.[0]
  if (first !== '.') return `/proc/sys/${key}`
  return `/proc/sys/${key.replace(/[./]/g, (mark) => (mark === '.' ? '/' : '.'))}`
}

function planParameters(values: SysctlOptions['values'], answer: Answer): Planned {
  const present = new Map(answerLines(answer).map((line) => parted(line)))
  const differing = Object.keys(values).filter((key) => present.get(key) !== normal(values[key]!))
  if (differing.length === 0) return { actions: [] }
  const before = differing
    .filter((key) => present.get(key) !== 'absent')
    .map((key) => `${key} = ${present.get(key)}`)
  const after = differing.map((key) => `${key} = ${values[key]}`)
  const title = differing.length === 1 ? `set ${differing[0]}` : `set ${differing.length} kernel parameters`
  const commands = differing.map((key) => `sysctl -q -w ${quote(`${key}=${values[key]}`)}`)
  return { actions: [{ action: 'update', title, before, after, commands }] }
}

function parted(line: string): [key: string, value: string] {
  const at = line.indexOf(' = ')
  return [line.slice(0, at), normal(line.slice(at + 3))]
}

function normal(value: string): string {
  return value.trim().replace(/\s+/g, ' ')
}
