import type { Finding, Place } from '../../cli/errors.ts'
import { quoteAll } from '../../cli/process/quote.ts'
import type { Action, Answer, Resource } from '../resource.ts'
import { answerLines } from './answers.ts'
import { file } from './file.ts'

export interface KernelModulesOptions {
  names: readonly string[]
  /** The file that has them loaded at boot. */
  path: string
  source?: Place
}

/** Kernel modules, loaded now and at each boot. What is built into the kernel counts. */
export function kernelModules({ names, path, source }: KernelModulesOptions): Resource[] {
  const boot = file({ path, content: names.map((name) => `${name}\n`).join(''), source })
  const now: Resource = {
    target: 'kernel modules',
    source,
    probe: moduleProbe(names),
    plan: (answer) => ({ actions: moduleActions(answer) }),
  }
  return [boot, now]
}

// A machine without modprobe gets it with the packages that come first.
function moduleProbe(names: readonly string[]): string {
  return `for name in ${quoteAll(names)}
do under=$(printf %s "$name" | tr - _)
  if test -d "/sys/module/$under"; then echo "$name loaded"
  elif grep -qE "/($name|$under)[.]ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null; then echo "$name built-in"
  elif ! command -v modprobe >/dev/null || modprobe -nq -- "$name"; then echo "$name available"
  else echo "$name missing"; fi
done`
}

function moduleActions(answer: Answer): Action[] {
  const rows = answerLines(answer).map((line) => line.split(' '))
  const of = (state: string) => rows.filter((row) => row[1] === state).map(([name]) => name!)
  const [toLoad, missing] = [of('available'), of('missing')]
  const load: Action = {
    action: 'run',
    title: `load kernel modules ${toLoad.join(', ')}`,
    before: toLoad.map((name) => `${name} not loaded`),
    after: toLoad.map((name) => `${name} loaded`),
    commands: [`modprobe -a -- ${quoteAll(toLoad)}`],
  }
  return [...(toLoad.length > 0 ? [load] : []), ...missing.map(withoutModule)]
}

function withoutModule(name: string): Action {
  const blocked: Finding = {
    severity: 'error',
    message: `its kernel has no module ${name}`,
    hint: 'after an upgrade of the kernel, reboot it; else install the modules of its kernel (linux-modules-extra, linux-image)',
  }
  return { action: 'run', title: `load kernel module ${name}`, commands: [], blocked }
}
