import { writeAtomically } from '../../tasks/lib/secrets/files/write.ts'

// A program of its own, so that tests can kill it, and run it as another user. Usage: write-secret FILE HOW

const [file, how] = process.argv.slice(2) as [string, string]
const bytes = (letter: string) => Buffer.alloc(300_000, letter)
const user = /^once-as:(\d+)$/.exec(how)?.[1]
let ended = false
if (user !== undefined) process.setuid!(Number(user))
if (how === 'until-signal') process.on('SIGTERM', () => (ended = true))
if (how.startsWith('once')) {
  await writeAtomically(file, bytes('x')).catch((error) => console.log(error.message))
} else {
  for (let round = 0; !ended; round++) {
    await writeAtomically(file, bytes(round % 2 ? 'n' : 'o'))
    if (round === 0) console.log('writing')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
