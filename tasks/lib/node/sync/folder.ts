import { quote } from '../../cli/process/quote.ts'
import type { SyncedFolder } from '../../config/model.ts'
import { type Ground, type GroundOptions, groundGuards, groundOf } from '../directories/ground.ts'
import { directoryProbe, parseDirectories } from '../directories/probe.ts'
import type { Action, Answer, Planned, Resource } from '../resource.ts'
import { writeCommands } from '../system/edit-commands.ts'
import { syncMarker, syncSettings } from './program.ts'

/** A folder on one of its machines: what the program is told of it, and the mark that shows that it is mounted. */
export function syncFolder(folder: SyncedFolder, options: GroundOptions): Resource {
  const path = withoutSlash(folder.path)
  const settings = `${syncSettings}/${folder.name}.conf`
  return {
    target: `synchronised folder ${folder.name}`,
    probe: [directoryProbe(path, [`${path}/${syncMarker}`]), `cat ${settings} 2>/dev/null || :`].join('\n'),
    plan: (answer) => planFolder({ ...folder, path }, { answer, options, settings }),
  }
}

function planFolder(
  folder: SyncedFolder,
  { answer, options, settings }: { answer: Answer; options: GroundOptions; settings: string },
): Planned {
  const state = parseDirectories(answer)
  const ground = groundOf(folder.path, state, options)
  const present = answer.stdout.slice(answer.stdout.indexOf('\n-- end\n') + '\n-- end\n'.length)
  if ('reason' in ground) {
    const blocked = { severity: 'error' as const, message: ground.reason, hint: ground.hint }
    return { actions: [{ action: 'create', title: `synchronise ${folder.path}`, commands: [], blocked }] }
  }
  const wanted = settingsText(folder, ground)
  const isMarked = ground.isMounted && state.directories.has(`${folder.path}/${syncMarker}`)
  return {
    actions: [
      ...(isMarked ? [] : [mark(folder, ground)]),
      ...(present === wanted ? [] : [tell({ settings, present, wanted })]),
    ],
  }
}

function mark({ path }: SyncedFolder, ground: Ground): Action {
  return {
    action: 'create',
    title: `mark ${path} as a folder to be synchronised`,
    after: [`${path}/${syncMarker}`],
    commands: [...groundGuards(ground), `mkdir -p -- ${quote(`${path}/${syncMarker}`)}`],
    ...(!ground.isMounted && { notes: [`after volume ${ground.volume?.name} is mounted`] }),
  }
}

function tell({ settings, present, wanted }: { settings: string; present: string; wanted: string }): Action {
  return {
    action: present === '' ? 'create' : 'update',
    title: `write ${settings}`,
    before: lines(present),
    after: lines(wanted),
    commands: writeCommands(settings, { bytes: Buffer.byteLength(wanted), mode: '0644', owner: 'root:root' }),
    input: () => wanted,
  }
}

// Read by the program as shell.
function settingsText({ path, nodes }: SyncedFolder, ground: Ground): string {
  const [first, ...peers] = nodes
  return [
    '# Written by metaltasks.',
    `folder=${quote(path)}`,
    `mount=${quote(ground.path ?? '')}`,
    `source=${quote(ground.volume?.opened ?? '')}`,
    `first=${quote(first!)}`,
    `peers=${quote(peers.join(' '))}`,
    '',
  ].join('\n')
}

function lines(text: string): string[] {
  return text.split('\n').filter(Boolean)
}

function withoutSlash(path: string): string {
  return path.replace(/(?<=.)\/+$/, '')
}
