import type { Place } from '../../cli/errors.ts'
import { quoteAll } from '../../cli/process/quote.ts'
import type { Action, Answer, Resource } from '../resource.ts'
import { wholeAnswer } from './answers.ts'

export interface GroupOptions {
  name: string
  /** Among those of the system's own. */
  system?: boolean
  source?: Place
}

/** A group of users. */
export function group({ name, system, source }: GroupOptions): Resource {
  return {
    target: `group ${name}`,
    source,
    probe: quoteAll(['getent', 'group', name]),
    plan: (answer) => {
      const commands = [quoteAll(['groupadd', ...(system ? ['--system'] : []), '--', name])]
      const create: Action = { action: 'create', title: `create group ${name}`, after: [name], commands }
      return { actions: isThere(answer) ? [] : [create] }
    },
  }
}

export interface UserOptions {
  name: string
  /** Among those of the system's own: a low number, no folder of its own. */
  system?: boolean
  /** "/nonexistent" for none; made when it is made, where it is not of the system. */
  home?: string
  shell?: string
  /** Groups it is in besides its own; further ones stay. */
  groups?: readonly string[]
  source?: Place
}

/** A user without a password. Nothing of one that exists is taken away. */
export function user({ source, ...wanted }: UserOptions): Resource {
  const { name } = wanted
  return {
    target: `user ${name}`,
    source,
    probe: `${quoteAll(['getent', 'passwd', name])} && ${quoteAll(['id', '-nG', '--', name])}`,
    plan: (answer) => ({
      actions: isThere(answer) ? mend(answer.stdout, wanted) : [create(wanted)],
    }),
  }
}

// getent ends with 2 for a name that nobody knows; any other failure tells nothing.
function isThere(answer: Answer): boolean {
  return answer.exitCode !== 2 && wholeAnswer(answer) !== ''
}

function create(wanted: UserOptions): Action {
  const { name, system, home, groups = [] } = wanted
  // The group of its own name, where it is among the wanted ones, is there already and becomes its first.
  const own = groups.includes(name) ? ['--gid', name] : []
  const further = { ...wanted, groups: groups.filter((one) => one !== name) }
  const words = [system ? '--system' : '--create-home', ...own, ...settings(further)]
  const commands = [quoteAll(['useradd', ...words, '--', name])]
  const after = [[name, home, wanted.shell, groups.join(',')].filter(Boolean).join(' ')]
  return { action: 'create', title: `create user ${name}`, after, commands }
}

function mend(stdout: string, wanted: UserOptions): Action[] {
  const [entry = '', memberOf = ''] = stdout.split('\n')
  const [home, shell] = entry.split(':').slice(5)
  const groups = (wanted.groups ?? []).filter((one) => !memberOf.split(' ').includes(one))
  const differing = {
    home: wanted.home === home ? undefined : wanted.home,
    shell: wanted.shell === shell ? undefined : wanted.shell,
    groups,
  }
  const words = settings(differing)
  if (words.length === 0) return []
  const commands = [
    quoteAll(['usermod', ...(groups.length > 0 ? ['--append'] : []), ...words, '--', wanted.name]),
  ]
  const before = [`${home} ${shell} ${memberOf}`]
  const after = [`${wanted.home ?? home} ${wanted.shell ?? shell} ${[memberOf, ...groups].join(' ')}`]
  return [{ action: 'update', title: `change user ${wanted.name}`, before, after, commands }]
}

function settings({ home, shell, groups = [] }: Pick<UserOptions, 'home' | 'shell' | 'groups'>): string[] {
  return [
    ...(home === undefined ? [] : ['-d', home]),
    ...(shell === undefined ? [] : ['--shell', shell]),
    ...(groups.length === 0 ? [] : ['--groups', groups.join(',')]),
  ]
}
