import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { main } from '../../tasks/lib/cli/commands/main.ts'

// The product's CLI, that dies as by kill -9 when the journal says that its Nth change is done, or so many milliseconds
// after that one was started; the first where no N is given. Usage: killed-tasks done|MILLISECONDS[@N] ARGV

const [kill, ...argv] = process.argv.slice(2)
const [when, at = '1'] = kill!.split('@')
const event = when === 'done' ? '"event":"done"' : '"event":"started"'
let events = 0
const { writeSync } = fs
const die = () => process.kill(process.pid, 'SIGKILL')

fs.writeSync = ((descriptor: number, text: string, ...rest: []) => {
  const written = writeSync(descriptor, text, ...rest)
  if (!String(text).includes(event) || ++events !== Number(at)) return written
  if (when === 'done') die()
  else setTimeout(die, Number(when))
  return written
}) as typeof fs.writeSync
syncBuiltinESMExports()

process.exitCode = await main(argv)
