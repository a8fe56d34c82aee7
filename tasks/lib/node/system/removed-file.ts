import { quote } from '../../cli/process/quote.ts'
import type { Resource } from '../resource.ts'
import { textLines } from './answers.ts'
import { fileProbe, fileState } from './file-state.ts'

/** No file at a path; one that is there is shown and removed, a folder never. */
export function removedFile(path: string): Resource {
  return {
    target: `file ${path}`,
    probe: fileProbe(path),
    plan: (answer) => {
      const state = fileState(path, answer)
      if (state.kind === 'absent') return { actions: [] }
      const before = state.kind === 'link' ? [`link to ${state.to}`] : textLines(state.content)
      const commands = [`rm -f -- ${quote(path)}`]
      return { actions: [{ action: 'delete', title: `remove ${path}`, before, commands }] }
    },
  }
}
