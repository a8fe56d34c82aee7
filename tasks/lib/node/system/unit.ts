import type { Place } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import type { Action, Answer, Resource } from '../resource.ts'
import { answerLines } from './answers.ts'

export interface UnitOptions {
  /** "metaltasks-volumes.service" */
  name: string
  /** Started at boot; false: not. Left as it is where not given. */
  enabled?: boolean
  /** Running; false: stopped. Left as it is where not given. */
  active?: boolean
  /** Its files: when one of them differs from what is wanted, or is newer than the running unit, it is restarted. */
  files?: readonly { path: string; content: string }[]
  /**
   * What to do with a running unit whose files changed: restart unless told. With reload, one that is started by its
   * package before its files are there reads them too.
   */
  onChange?: 'restart' | 'reload' | 'nothing'
  /** false: starting it is asked for and not waited for, as of one that ends when a server comes back. */
  waits?: boolean
  /** How long starting may take, until it counts as failed. */
  settleSeconds?: number
  source?: Place
}

/** A systemd unit in the state that is wanted. Its files are resources of their own, which come before it. */
export function unit(options: UnitOptions): Resource {
  const { name, settleSeconds, source } = options
  return {
    target: `unit ${name}`,
    source,
    settleSeconds,
    probe: unitProbe(options),
    plan: (answer) => ({ actions: unitActions(unitState(answer), options) }),
  }
}

// Whether a file is as wanted is told by cmp with the wanted content in the probe itself, so that a run that was killed
// between the file and the restart is noticed as well by the file's time.
function unitProbe({ name, files = [], onChange }: UnitOptions): string {
  const unitName = quote(name)
  // A reload is a change of its state, and no new start.
  const stamp = onChange === 'reload' ? 'StateChangeTimestamp' : 'ActiveEnterTimestamp'
  return [
    `systemctl show -p LoadState -p ActiveState -p UnitFileState -p NeedDaemonReload -- ${unitName}`,
    `since=$(TZ=UTC systemctl show -p ${stamp} --value -- ${unitName})`,
    'since=$(test -z "$since" || date -d "$since" +%s)',
    ...files.flatMap(({ path, content }) => [
      `if ! printf %s ${quote(content)} | cmp -s - ${quote(path)}; then echo Changed=yes`,
      `elif test -n "$since" && test "$(stat -L -c %Y -- ${quote(path)})" -gt "$since"; then echo Changed=yes; fi`,
    ]),
    ':',
  ].join('\n')
}

interface UnitState {
  isActive: boolean
  isEnabled: boolean
  /** It cannot be enabled or disabled: others pull it in. */
  isFixed: boolean
  isMasked: boolean
  needsReload: boolean
  isChanged: boolean
  words: string[]
}

function unitState(answer: Answer): UnitState {
  const values = new Map(
    answerLines(answer).map((line) => [line.split('=')[0]!, line.slice(line.indexOf('=') + 1)]),
  )
  const active = values.get('ActiveState') ?? ''
  const enabled = values.get('UnitFileState') ?? ''
  return {
    isActive: ['active', 'reloading'].includes(active),
    isEnabled: enabled === 'enabled',
    isFixed: ['static', 'generated', 'alias', 'indirect'].includes(enabled),
    isMasked: values.get('LoadState') === 'masked',
    needsReload: values.get('NeedDaemonReload') === 'yes',
    isChanged: values.has('Changed'),
    words: [active || 'not there', enabled].filter(Boolean),
  }
}

function unitActions(state: UnitState, options: UnitOptions): Action[] {
  const { name, enabled, active, onChange = 'restart', waits = true } = options
  const word = waits ? `-- ${quote(name)}` : `--no-block -- ${quote(name)}`
  const verbs: string[] = []
  if (state.isMasked && (enabled || active)) verbs.push('unmask')
  if (enabled !== undefined && enabled !== state.isEnabled && !state.isFixed)
    verbs.push(enabled ? 'enable' : 'disable')
  const isStale = state.isActive && state.isChanged && onChange !== 'nothing'
  if (active === true && !state.isActive) verbs.push(onChange === 'reload' ? startOrReload : 'start')
  else if (active === false && state.isActive) verbs.push('stop')
  else if (isStale && active !== false) verbs.push(onChange)
  if (verbs.length === 0 && !state.needsReload) return []
  // These have systemd read its units again by themselves, which takes it a second on a small machine.
  const isRead = ['unmask', 'enable', 'disable'].some((verb) => verbs.includes(verb))
  return [
    {
      action: 'run',
      title:
        verbs.length > 0 ? `${verbs.map(said).join(' and ')} ${name}` : `have systemd read ${name} again`,
      before: [state.words.join(', ')],
      after: [wantedWords(state, options).join(', ')],
      commands: [
        ...(isRead ? [] : ['systemctl daemon-reload']),
        ...verbs.map((verb) => `systemctl ${verb} ${word}`),
      ],
    },
  ]
}

const startOrReload = 'reload-or-restart'

function said(verb: string): string {
  return verb === startOrReload ? 'start' : verb
}

function wantedWords({ words }: UnitState, { enabled, active }: UnitOptions): string[] {
  const [nowActive, nowEnabled] = words
  const wanted = (value: boolean | undefined, yes: string, no: string) => (value ? yes : no)
  return [
    active === undefined ? nowActive! : wanted(active, 'active', 'inactive'),
    enabled === undefined ? (nowEnabled ?? '') : wanted(enabled, 'enabled', 'disabled'),
  ].filter(Boolean)
}
