import type { Change, Progress } from '../../tasks/lib/cli/change.ts'
import { allChanges } from '../../tasks/lib/cli/plan/plan-counts.ts'
import { UnreachableError } from '../../tasks/lib/node/errors.ts'
import type { Machine, ScriptOptions, ScriptResult } from '../../tasks/lib/node/machine.ts'
import { planNodes } from '../../tasks/lib/node/plan/plan-nodes.ts'
import type { Action, Resource } from '../../tasks/lib/node/resource.ts'
import { localMachine } from './local-machine.ts'

/** A machine that counts what it is sent, and answers through `answer` where that is given. */
export interface CountingMachine extends Machine {
  scripts: { script: string; options: ScriptOptions }[]
}

/** This host as a machine that counts its round trips; `answer` may change what comes back. */
export function countingMachine(
  name: string,
  answer: (result: ScriptResult, script: string) => ScriptResult = (result) => result,
): CountingMachine {
  const machine = localMachine(name)
  const scripts: CountingMachine['scripts'] = []
  return {
    ...machine,
    scripts,
    async run(script, options = {}) {
      scripts.push({ script, options })
      return answer(await machine.run(script, options), script)
    },
  }
}

/** A machine that nobody can reach. */
export function goneMachine(name: string): Machine {
  const run = async () => {
    throw new UnreachableError(name, `${name}: no route to host`, { hint: 'is it switched on?' })
  }
  return { name, label: name.split('.')[0]!, run }
}

/** A resource that wants a file to hold a text; `more` replaces parts of it. */
export function textResource(
  path: string,
  { text = 'wanted', ...more }: Partial<Resource> & { text?: string } = {},
): Resource {
  return {
    target: `text ${path}`,
    probe: `cat ${path} 2>/dev/null`,
    plan: ({ stdout }) => ({
      actions:
        stdout === text
          ? []
          : [
              {
                action: 'update',
                title: `write ${path}`,
                before: [stdout],
                after: [text],
                commands: [`printf %s ${text} >${path}`],
              },
            ],
    }),
    ...more,
  }
}

/** The changes that these resources ask of a machine. */
export async function changesOn(machine: Machine, resources: Resource[]): Promise<Change[]> {
  const step = { name: 'one', title: 'One', work: [{ machine, resources }] }
  const { steps, findings } = await planNodes([step], { parallel: 1 })
  return allChanges({ target: 'test', steps, findings })
}

/** Makes all of them hold, verifies that, and asks again: gives what was changed, and what would be changed then. */
export async function converge(
  machine: Machine,
  resources: Resource[],
): Promise<{ changes: Change[]; again: string[] }> {
  const progress: Progress = { say: () => {}, signal: new AbortController().signal }
  const changes = await changesOn(machine, resources)
  for (const change of changes) await change.run(progress)
  for (const change of changes) await change.verify(progress)
  return { changes, again: (await changesOn(machine, resources)).map(({ title }) => title) }
}

/** What a resource plans when its probe answers so: "stdout", or an exit code with it. */
export function planFor(resource: Resource, stdout: string, { exitCode = 0, stderr = '' } = {}): Action[] {
  return resource.plan({ stdout, stderr, exitCode }).actions
}
