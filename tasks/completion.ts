import { completionScripts, type Shell, shells } from './lib/cli/commands/completion-scripts.ts'
import { UsageError } from './lib/cli/errors.ts'
import { didYouMean } from './lib/cli/suggest.ts'
import { defineTask } from './lib/cli/task.ts'

export default defineTask(import.meta, {
  group: 'start',
  summary: 'print a completion script for bash, zsh or fish',
  description: 'It completes tasks, options, their values, manifest names and node names.',
  arguments: {
    shell: { summary: 'bash, zsh or fish', required: true },
  },
  examples: [
    ['source <(tasks completion bash)', 'complete in this bash; put the line into ~/.bashrc to keep it'],
    ['source <(tasks completion zsh)', 'the same for zsh, after compinit in ~/.zshrc'],
    ['tasks completion fish > ~/.config/fish/completions/tasks.fish', 'complete in every new fish'],
  ],
  anywhere: true,
  async run({ arguments: { shell }, output }) {
    if (!isShell(shell)) {
      const hint = didYouMean(shell, shells) ?? 'see tasks completion --help'
      throw new UsageError(`no completion for ${shell}: expected bash, zsh or fish`, { hint })
    }
    output.data(completionScripts[shell])
  },
})

function isShell(name: string): name is Shell {
  return shells.some((shell) => shell === name)
}
