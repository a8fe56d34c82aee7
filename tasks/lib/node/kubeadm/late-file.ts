import { type Place, TaskError } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import type { Action, Resource } from '../resource.ts'
import { writeCommands } from '../system/edit-commands.ts'
import { file } from '../system/file.ts'
import { fileProbe, fileState } from '../system/file-state.ts'

export interface LateFileOptions {
  path: string
  /** Its content, where that is known. */
  known?: string
  /** Gives the content when it is written for the first time. */
  make(): Promise<string>
  /** How long that will be. */
  bytes: number
  source?: Place
}

/**
 * A secret file of root's whose content is made when it is first written. What is there is never written over: it may be
 * the only copy of somebody's key.
 */
export function lateFile(options: LateFileOptions): Resource {
  const { path, source } = options
  let known = options.known
  return {
    target: `file ${path}`,
    source,
    probe: fileProbe(path, { secret: true }),
    plan(answer) {
      const isAbsent = fileState(path, answer).kind === 'absent'
      if (isAbsent && known === undefined) return { actions: [creation()] }
      const wanted = known ?? ''
      const { actions } = file({ path, content: wanted, mode: '0600', secret: true }).plan(answer)
      return { actions: isAbsent ? actions : actions.map((action) => kept(action, path)) }
    },
  }

  function creation(): Action {
    return {
      action: 'create',
      title: `create ${path}`,
      after: ['(mode 0600, root:root)', '(content that is made then, not shown)'],
      commands: writeCommands(path, { bytes: options.bytes, mode: '0600', owner: 'root:root' }),
      async input() {
        known = await options.make()
        return known
      },
    }
  }
}

function kept(action: Action, path: string): Action {
  const changesAccess = action.commands.every((command) => /^ch(own|mod) /.test(command))
  if (changesAccess) return action
  const error = new TaskError(`${path} is another one than this project keeps: nothing is written over it`, {
    hint: `where no cluster needs it any more, move it away there: mv ${quote(path)} ${quote(`${path}.old`)}`,
  })
  return { ...action, commands: [], blocked: error.findings[0] }
}
