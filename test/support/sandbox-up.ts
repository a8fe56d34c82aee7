import { sandboxUp } from '../../tasks/lib/sandbox/sandbox.ts'
import { testConfig } from './config.ts'

// A run of its own, to be killed: node --import tsx test/support/sandbox-up.ts ROOT DIRECTORY
const [root, directory] = process.argv.slice(2)
const say = (text: string) => void process.stdout.write(`${text}\n`)
await sandboxUp(testConfig(root!), { directory, say, signal: new AbortController().signal })
