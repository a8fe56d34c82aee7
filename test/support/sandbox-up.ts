import { sandboxUp } from '../../tasks/lib/sandbox/sandbox.ts'
import { testConfig } from './config.ts'

// A run of its own, to be killed. Usage: sandbox-up ROOT DIRECTORY
const [root, directory] = process.argv.slice(2)
const say = (text: string) => void process.stdout.write(`${text}\n`)
await sandboxUp(testConfig(root!), { directory, say, signal: new AbortController().signal })
