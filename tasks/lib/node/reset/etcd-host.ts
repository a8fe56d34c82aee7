import { etcdFolder, recordFolder } from '../kubeadm/paths.ts'
import type { Action, Resource } from '../resource.ts'
import { answerLines } from '../system/answers.ts'
import { keepEtcdCommands, timeNow } from './reset-commands.ts'

const settings = '/etc/etcd'
/** Says which cluster the data are of. */
const record = `${recordFolder}/etcd-member`

/**
 * A host of etcd outside of the control planes without its member: stopped for good; with `clears` its data and settings
 * are renamed too, so that a new member can be made.
 */
export function withoutEtcdMember({ clears }: { clears: boolean }): Resource {
  return {
    target: 'etcd of this host',
    probe: [
      'if systemctl is-active -q etcd.service; then echo active; fi',
      'if systemctl is-enabled -q etcd.service 2>/dev/null; then echo enabled; fi',
      `[ ! -e ${etcdFolder}/member ] || echo data`,
      `[ ! -e ${settings} ] || echo settings`,
      `[ ! -e ${record} ] || echo record`,
      ':',
    ].join('\n'),
    plan: (answer) => ({ actions: actionsFor(answerLines(answer), clears) }),
  }
}

function actionsFor(present: string[], clears: boolean): Action[] {
  const runs = present.includes('active') || present.includes('enabled')
  const has = (what: string) => clears && present.includes(what)
  return [
    ...(runs ? [stop] : []),
    ...(has('data') ? [aside('the data of etcd', { folder: etcdFolder, commands: keepEtcdCommands })] : []),
    ...(has('settings') || has('record') ? [aside('the settings of etcd', settingsAside(present))] : []),
  ]
}

const stop: Action = {
  action: 'run',
  title: 'stop etcd, for good',
  commands: ['systemctl disable --now etcd.service'],
}

function aside(what: string, { folder, commands }: { folder: string; commands: string[] }): Action {
  return {
    action: 'update',
    title: `put ${what} aside`,
    before: [folder],
    after: [`${folder}.bak-TIME`],
    commands,
  }
}

function settingsAside(present: string[]): { folder: string; commands: string[] } {
  const move = `mv -T ${settings} "${settings}.bak-${timeNow}"`
  return {
    folder: settings,
    commands: [...(present.includes('settings') ? [move] : []), `rm -f ${record}`],
  }
}
