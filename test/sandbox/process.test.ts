import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import {
  isSameProcess,
  runningProcess,
  startDetached,
  startTimeOf,
  stopProcess,
} from '../../tasks/lib/sandbox/control-plane/process.ts'
import { temporaryFolder } from '../support/folder.ts'

const env = { PATH: '/usr/bin:/bin' }

async function start(argv: string[]) {
  const folder = await temporaryFolder()
  const pidFile = join(folder, 'program.pid')
  const logFile = join(folder, 'program.log')
  await startDetached(argv, { pidFile, logFile, env })
  const record = await until(() => runningProcess(pidFile))
  onTestFinished(() => stopProcess(record, 0))
  return { record, pidFile, logFile }
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found) return found
    await sleep(10)
  }
}

test('a started program records its own pid and start time, and writes into its log', async () => {
  const { record, pidFile, logFile } = await start(['/bin/sh', '-c', 'echo hello; exec sleep 60'])
  expect(await readFile(pidFile, 'utf8')).toBe(`${record.pid} ${await startTimeOf(record.pid)}\n`)
  await until(async () => (await readFile(logFile, 'utf8')) === 'hello\n')
})

test('a pid that now belongs to another process is not taken for ours and is never killed', async () => {
  const { record, pidFile } = await start(['/bin/sleep', '60'])
  await writeFile(pidFile, `${record.pid} 1\n`)
  expect(await runningProcess(pidFile)).toBeUndefined()
  await stopProcessOf(pidFile)
  expect(await isSameProcess(record.pid, record.started)).toBe(true)
})

async function stopProcessOf(pidFile: string): Promise<void> {
  const record = await runningProcess(pidFile)
  if (record) await stopProcess(record)
}

test('a program that does not listen to SIGTERM is ended by SIGKILL', async () => {
  const { record } = await start(['/bin/sh', '-c', "trap '' TERM; while :; do sleep 0.05; done"])
  await sleep(100) // until the trap is set
  await stopProcess(record, 0.2)
  expect(await startTimeOf(record.pid)).toBeUndefined()
})

test('a missing or half-written pid file means that nothing runs', async () => {
  const pidFile = join(await temporaryFolder(), 'program.pid')
  expect(await runningProcess(pidFile)).toBeUndefined()
  await writeFile(pidFile, '12')
  expect(await runningProcess(pidFile)).toBeUndefined()
})

test('killed at once after the start, the starter leaves a recorded program or none', async () => {
  const folder = await temporaryFolder()
  const mark = join(folder, 'data')
  const starter = `
    import { startDetached } from ${JSON.stringify(fileURLToPath(new URL('../../tasks/lib/sandbox/control-plane/process.ts', import.meta.url)))}
    const at = (name) => ({ pidFile: ${JSON.stringify(folder)} + '/' + name + '.pid', logFile: ${JSON.stringify(folder)} + '/log', env: { PATH: '/usr/bin:/bin' } })
    await Promise.all([...Array(8).keys()].map((index) => startDetached(['/bin/sh', '-c', 'while :; do sleep 1; done', ${JSON.stringify(mark)}], at(index))))
    process.kill(process.pid, 'SIGKILL')
  `
  const file = join(folder, 'starter.mts')
  await writeFile(file, starter)
  const child = spawn(process.execPath, ['--import', 'tsx', file], { stdio: 'inherit' })
  await new Promise((resolve) => child.once('exit', resolve))
  await sleep(500)
  const recorded: number[] = []
  for (let index = 0; index < 8; index++) {
    const record = await runningProcess(join(folder, `${index}.pid`))
    if (!record) continue
    recorded.push(record.pid)
    await stopProcess(record, 0)
  }
  expect(await pidsWith(mark)).toEqual([])
})

async function pidsWith(word: string): Promise<string[]> {
  const { execFile } = await import('node:child_process')
  const text = await new Promise<string>((resolve, reject) =>
    execFile('ps', ['-ww', '-eo', 'pid=,args='], (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    ),
  )
  return text.split('\n').filter((line) => line.includes(word))
}
