import { type Finding, UsageError } from '../../cli/errors.ts'
import { mendHint } from '../cluster-file/mend.ts'
import { type FormatName, formatNamed, wordsOf } from '../variables/formats.ts'
import { variableDefinition } from '../variables/variable-table.ts'
import { parseStarterNode, usualControlPlanes } from './starter.ts'
import type { StarterAnswers, StarterNode } from './starter-answers.ts'

/** The options of `init` that answer a question. */
export interface StarterOptions {
  yes: boolean
  domain?: string
  namespace?: string
  timezone?: string
  nodes: string[]
  'control-planes': string[]
  'load-balancer-range': string[]
}

/** Where the answers come from that no option gives. */
export interface Asker {
  /** False where nobody can answer: a pipe, CI. */
  interactive: boolean
  ask(
    question: string,
    options: { default: string; option: string; check(answer: string): string | undefined },
  ): Promise<string>
}

interface Question {
  text: string
  option: string
  given?: string
  fallback: string
  check(answer: string): string | undefined
}

/** Asks what no option answers; --yes takes the defaults. Without a terminal a UsageError names all that is missing. */
export async function starterAnswers(options: StarterOptions, asker: Asker): Promise<StarterAnswers> {
  const answer = (question: Question) => answerTo(question, { yes: options.yes, asker })
  if (!options.yes && !asker.interactive) refuseMissing(options)
  const domain = await answer(
    valueQuestion('domain', { option: 'domain', given: options.domain, variable: 'DOMAIN' }),
  )
  const namespace = await answer(
    valueQuestion('namespace', { option: 'namespace', given: options.namespace, variable: 'K8S_NAMESPACE' }),
  )
  const timezone = await answer({
    ...valueQuestion('time zone', { option: 'timezone', given: options.timezone, variable: 'TZ' }),
    fallback: Intl.DateTimeFormat().resolvedOptions().timeZone,
  })
  const nodes = listOf(await answer(nodesQuestion(options.nodes))).map(parseStarterNode)
  const controlPlanes =
    nodes.length === 0 ? [] : listOf(await answer(controlPlanesQuestion(options['control-planes'], nodes)))
  const loadBalancerRanges = listOf(await answer(rangesQuestion(options['load-balancer-range'])))
  return { domain, namespace, timezone, nodes, controlPlanes, loadBalancerRanges }
}

async function answerTo(question: Question, { yes, asker }: { yes: boolean; asker: Asker }): Promise<string> {
  const { text, option, given, fallback, check } = question
  if (given !== undefined) {
    const wrong = check(given)
    if (wrong) throw new UsageError(`--${option}: ${wrong}`, { hint: `see tasks init --help` })
    return given
  }
  if (yes) return fallback
  return asker.ask(`${text}:`, { default: fallback, check, option: `--${option}` })
}

function refuseMissing(options: StarterOptions): void {
  const asked = ['domain', 'namespace', 'timezone', 'nodes', 'load-balancer-range'] as const
  const names = options.nodes.length > 0 ? [...asked, 'control-planes' as const] : asked
  const missing = names.filter((name) => options[name] === undefined || options[name].length === 0)
  if (missing.length === 0) return
  const findings: Finding[] = missing.map((name) => ({
    severity: 'error',
    message: `there is no terminal to ask on, and no --${name}`,
  }))
  findings.at(-1)!.hint = 'give them, or take the defaults with --yes'
  throw new UsageError(`${missing.length} answers are missing`, { findings })
}

function valueQuestion(text: string, about: { option: string; given?: string; variable: string }): Question {
  const { default: fallback, format } = variableDefinition(about.variable)!
  return {
    text,
    option: about.option,
    given: about.given,
    fallback: fallback!,
    check: (answer) => wrong(answer, format),
  }
}

function nodesQuestion(given: string[]): Question {
  return {
    text: 'nodes, such as kube1=192.168.1.11 kube2=192.168.1.12, or none for the sandbox',
    option: 'nodes',
    given: joined(given),
    fallback: 'none',
    check: (answer) => firstWrong(listOf(answer).map(parseStarterNode), wrongNode),
  }
}

function controlPlanesQuestion(given: string[], nodes: StarterNode[]): Question {
  const names = nodes.map(({ name }) => name)
  return {
    text: 'control planes',
    option: 'control-planes',
    given: joined(given),
    fallback: usualControlPlanes(nodes).join(' '),
    check: (answer) =>
      firstWrong(listOf(answer), (name) =>
        names.includes(name) ? undefined : `${name} is none of ${names.join(', ')}`,
      ),
  }
}

function rangesQuestion(given: string[]): Question {
  return {
    text: 'free addresses for load balancers, such as 192.168.1.240-192.168.1.250, or none',
    option: 'load-balancer-range',
    given: joined(given),
    fallback: 'none',
    check: (answer) => firstWrong(listOf(answer), (range) => wrong(range, 'addressRange')),
  }
}

function wrongNode({ name, address }: StarterNode): string | undefined {
  return wrong(name, 'nodeName') ?? (address === undefined ? undefined : wrong(address, 'ip'))
}

function wrong(text: string, format: FormatName): string | undefined {
  const { accepts, expected, example } = formatNamed(format)
  if (accepts(text)) return undefined
  return `"${text}" is not ${expected}: ${mendHint(text, format) ?? `for example ${example}`}`
}

function firstWrong<T>(items: T[], check: (item: T) => string | undefined): string | undefined {
  return items.map(check).find((message) => message !== undefined)
}

function joined(given: string[]): string | undefined {
  return given.length === 0 ? undefined : given.join(' ')
}

function listOf(answer: string): string[] {
  return answer === 'none' ? [] : wordsOf(answer.replaceAll(',', ' '))
}
