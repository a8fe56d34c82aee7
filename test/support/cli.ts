import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inject, onTestFinished } from 'vitest'

/** How a program ended and what it said. */
export interface Ran {
  exitCode: number | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  cwd?: string
  /** Added to the environment; undefined takes a variable away. */
  env?: Record<string, string | undefined>
  /** Written to stdin, which is closed after it. */
  input?: string | Uint8Array
}

/** What node is given to run `tasks ARGS`, as it is when npm has installed it. */
export function tasksWords(args: string[] = []): string[] {
  return [inject('program'), ...args]
}

/** Runs `tasks ARGS` to its end. */
export function runTasks(args: string[], options: RunOptions = {}): Promise<Ran> {
  return run(process.execPath, tasksWords(args), options)
}

/** Runs a program to its end. */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<Ran> {
  const env = { ...process.env, NO_COLOR: '1', ...options.env }
  const child = spawn(command, args, { cwd: options.cwd, env })
  const ran: Ran = { exitCode: null, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => {
    ran.stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    ran.stderr += text
  })
  child.stdin.on('error', () => {}).end(options.input ?? '')
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ ...ran, exitCode }))
  })
}

/** A folder with these files, removed after the test. */
export function temporaryFolder(files: Record<string, string> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tasks-test-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFiles(folder, files)
  return folder
}

/** Writes files below a folder, by path. */
export function writeFiles(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}
