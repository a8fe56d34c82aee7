import { TaskError } from '../errors.ts'
import { registerSecret } from '../redact.ts'
import { askUntil, type PromptOptions } from './ask-until.ts'

/** Asks a yes-or-no question; without an answer it is the default, which is no. */
export async function confirm(
  question: string,
  options: PromptOptions & { default?: boolean } = {},
): Promise<boolean> {
  const fallback = options.default ?? false
  const text = `${question} [${fallback ? 'Y/n' : 'y/N'}] `
  return askUntil<boolean>(text, {
    ...options,
    option: options.option ?? '--yes',
    read: (line) => {
      const answer = line.trim().toLowerCase()
      if (answer === '') return { value: fallback }
      if (['y', 'yes', 'n', 'no'].includes(answer)) return { value: answer.startsWith('y') }
      return { again: 'answer y or n' }
    },
  })
}

/** Asks for a line of text; an empty answer takes the default, and asks again where there is none. */
export async function ask(
  question: string,
  options: PromptOptions & { default?: string; check?(answer: string): string | undefined } = {},
): Promise<string> {
  const text = options.default ? `${question} [${options.default}] ` : `${question} `
  return askUntil<string>(text, {
    ...options,
    read: (line) => {
      const value = line.trim() || options.default
      const wrong = value === undefined ? 'an answer is needed' : options.check?.(value)
      return wrong === undefined ? { value: value! } : { again: wrong }
    },
  })
}

/** Asks for a secret: nothing of it is shown, and it is registered for redaction. */
export async function askHidden(question: string, options: PromptOptions = {}): Promise<string> {
  const answer = await askUntil<string>(`${question} `, {
    ...options,
    hidden: true,
    read: (line) => (line === '' ? { again: 'an answer is needed' } : { value: line }),
  })
  registerSecret(answer)
  return answer
}

/** Asks for a name to be typed before something is destroyed; any other answer ends with an error. */
export async function askName(
  name: string,
  options: PromptOptions & { question?: string } = {},
): Promise<void> {
  const question = options.question ?? `type ${name} to go on:`
  const given = await ask(question, { ...options, option: options.option ?? `--confirm ${name}` })
  if (given !== name) throw new TaskError(`the name given is ${given}, not ${name}: nothing was changed`)
}
