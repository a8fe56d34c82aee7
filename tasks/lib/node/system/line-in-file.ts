import type { Place } from '../../cli/errors.ts'
import type { Action, Resource } from '../resource.ts'
import { textLines } from './answers.ts'
import { appendLineCommands, replaceLinesCommands } from './edit-commands.ts'
import { fileProbe, fileState } from './file-state.ts'

export interface LineOptions {
  path: string
  line: string
  /** A line that stands for the same and is replaced; the first of several. Without it the line is only added. */
  instead?(line: string): boolean
  source?: Place
}

/** A line in a file that others write too; all other lines stay as they are. */
export function lineInFile({ path, line, instead, source }: LineOptions): Resource {
  return {
    target: `line ${line} in ${path}`,
    source,
    probe: fileProbe(path),
    plan: (answer) => {
      const state = fileState(path, answer)
      const lines = state.kind === 'file' ? textLines(state.content) : []
      const actions = lines.includes(line) ? [] : [lineAction(lines, { path, line, instead })]
      return { actions }
    },
  }
}

function lineAction(lines: string[], { path, line, instead }: LineOptions): Action {
  const old = instead && lines.find(instead)
  return {
    action: 'update',
    title: `${old === undefined ? 'add a line to' : 'replace a line of'} ${path}`,
    before: lines,
    after: old === undefined ? [...lines, line] : lines.map((one) => (one === old ? line : one)),
    commands:
      old === undefined ? appendLineCommands(path, line) : replaceLinesCommands(path, new Map([[old, line]])),
  }
}
