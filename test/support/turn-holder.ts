import { takeTurn } from './turns.ts'

// A test file's process for tests: says that it is there, asks for its turn and keeps it until it is killed.
const turn = takeTurn(process.argv[2]!)
process.stdout.write('waiting\n')
await turn
setInterval(() => {}, 1000)
