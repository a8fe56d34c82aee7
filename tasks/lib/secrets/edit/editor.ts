import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { basename, delimiter, join, resolve } from 'node:path'
import { TaskError } from '../../cli/errors.ts'
import { runForeground } from '../../cli/process/foreground.ts'
import { run } from '../../cli/process/shell.ts'
import { environment } from '../../config/environment.ts'
import { environmentWithoutKey } from '../run/child-variables.ts'
import { commandWords, editorWords } from './editor-words.ts'

/** The operator's editor, ready to be started on a file. */
export interface Editor {
  /** As people call it. */
  name: string
  argv: string[]
  warning?: string
  folder: string
}

const usual = ['vim', 'nano', 'vi']

/** $SOPS_EDITOR, $VISUAL or $EDITOR, else the first of vim, nano and vi; with its histories and backups off. */
export async function findEditor(folder: string): Promise<Editor> {
  const { SOPS_EDITOR, VISUAL, EDITOR } = environment()
  const line = SOPS_EDITOR || VISUAL || EDITOR || usual.find((program) => fileOf(program) !== undefined)
  const argv = commandWords(line ?? '')
  if (argv[0] === undefined)
    throw new TaskError('there is no editor: $EDITOR is not set, and none of vim, nano and vi is installed', {
      hint: 'EDITOR=… tasks secrets:edit NAME, or apt install vim',
    })
  const { words, warning } = editorWords(await realName(argv[0]), { folder })
  const [name, ...own] = argv as [string, ...string[]]
  // It is started in another folder.
  const program = name.includes('/') ? resolve(name) : name
  return { name, argv: [program, ...own, ...words], folder, ...(warning && { warning }) }
}

/** Lets the operator edit a file. Throws a TaskError where the editor fails. */
export async function editWith({ name, argv, folder }: Editor, file: string): Promise<void> {
  const env = { ...environmentWithoutKey(), ...placesIn(folder, name) }
  const { exitCode, told } = await runForeground([...argv, file], { env, cwd: folder, killAfterSeconds: 5 })
  if (told) throw new TaskError(`ended by ${told}: nothing was changed`, { exitCode: 130 })
  if (exitCode !== 0) throw new TaskError(`${name} ended with exit code ${exitCode}: nothing was changed`)
}

// Copies for a crash, of vi itself and of all that make temporary files, are in memory too. The server of emacs is
// found by way of TMPDIR.
function placesIn(folder: string, name: string): Record<string, string> {
  const recovery = { NEXINIT: `set recdir=${folder} directory=${folder}` }
  return basename(name) === 'emacsclient' ? recovery : { ...recovery, TMPDIR: folder }
}

// vi is vim by a link, vim under its name, busybox, or the vi of BSD, which knows none of the words of vim.
async function realName(program: string): Promise<string> {
  const file = fileOf(program)
  const name = basename(file ?? program)
  if (!/^(vi|view|editor|sensible-editor)$/.test(name)) return basename(program)
  if (file === undefined || name === 'sensible-editor') return name
  const { stdout } = await run([file, '--version'], { allowFailure: true, timeoutSeconds: 5 }).catch(() => ({
    stdout: '',
  }))
  return stdout.startsWith('VIM ') || stdout.startsWith('NVIM ') ? 'vim' : 'ed'
}

// The program behind a name, links followed.
function fileOf(program: string): string | undefined {
  const folders = program.includes('/') ? [''] : (environment().PATH ?? '').split(delimiter)
  const path = folders.map((folder) => join(folder, program)).find(isProgram)
  return path && realpathSync(path)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
