import { randomBytes } from 'node:crypto'
import { UnreachableError } from '../errors.ts'
import type { Machine } from '../machine.ts'
import type { Answer, Resource } from '../resource.ts'
import { probeScript, readAnswers } from './frame.ts'

/** Longer than the slowest probe: a disk that has to wake up, a share whose server is gone. */
const timeoutSeconds = 120

/** Asks a machine for the state of all these resources, in one round trip. */
export async function ask(
  machine: Machine,
  { resources, signal }: { resources: readonly Resource[]; signal?: AbortSignal },
): Promise<Map<Resource, Answer>> {
  const mark = randomBytes(16).toString('hex')
  const probes = resources.map(({ probe }) => probe)
  const title = `ask for ${resources.length === 1 ? resources[0]!.target : `${resources.length} states`}`
  const script = probeScript(probes, mark)
  const result = await machine.run(script, { allowFailure: true, title, timeoutSeconds, signal })
  const answers = readAnswers(result, { mark, count: probes.length })
  if (!answers) throw cutOff(machine, result.stderr)
  return new Map(resources.map((resource, index) => [resource, answers[index]!]))
}

function cutOff({ name }: Machine, stderr: string): UnreachableError {
  const lastWords = stderr.trim().split('\n').slice(-5).join('\n')
  const message = `${name}: its answer was cut off, nothing is known of its state`
  return new UnreachableError(name, lastWords ? `${message}\n${lastWords}` : message, {
    hint: 'run the same command again',
  })
}
