import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { main } from '../../tasks/lib/cli/commands/main.ts'

// The product's CLI, that dies as by kill -9 when the journal says that its first change is done, or so many
// milliseconds after it was started. Usage: killed-tasks done|MILLISECONDS ARGV

const [when, ...argv] = process.argv.slice(2)
const { writeSync } = fs
const die = () => process.kill(process.pid, 'SIGKILL')

fs.writeSync = ((descriptor: number, text: string, ...rest: []) => {
  const written = writeSync(descriptor, text, ...rest)
  if (when === 'done' && String(text).includes('"event":"done"')) die()
  if (when !== 'done' && String(text).includes('"event":"started"')) setTimeout(die, Number(when))
  return written
}) as typeof fs.writeSync
syncBuiltinESMExports()

process.exitCode = await main(argv)
