import { spawn } from 'node:child_process'

type Step = [title: string, command: string, ...args: string[]]

/** What has to hold before every commit, cheapest first. */
const steps: Step[] = [
  ['format and lint', 'biome', 'ci'],
  ['types', 'tsc', '-p', '.'],
  ['layers', 'vitest', 'run', '--project', 'unit', 'test/layers.test.ts'],
  ['unit tests', 'vitest', 'run', '--project', 'unit'],
]

// CI runs all tests right after it.
const withoutTests = process.argv.includes('--no-tests')
process.exitCode = await check(steps.filter(([, command]) => !(withoutTests && command === 'vitest')))

/** Runs every step, also after one has failed, so that all there is to mend is said at once. */
async function check(steps: Step[]): Promise<number> {
  const results: string[] = []
  let failed = 0
  for (const [title, command, ...args] of steps) {
    console.error(`==> ${title}: ${[command, ...args].join(' ')}`)
    const began = performance.now()
    const exitCode = await run(command, args)
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    if (exitCode !== 0) failed++
    results.push(`${exitCode === 0 ? 'ok    ' : 'failed'} ${title} (${seconds}s)`)
  }
  console.error(['', ...results].join('\n'))
  return failed === 0 ? 0 : 1
}

// npm puts node_modules/.bin on PATH for its scripts.
function run(command: string, args: string[]): Promise<number> {
  const child = spawn(command, args, { stdio: ['ignore', 2, 2] })
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`error: ${command} does not start: ${error.message}\nhint: npm run check`)
      resolve(1)
    })
    child.on('close', (code) => resolve(code ?? 1))
  })
}
