import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { whileAsking } from '../../tasks/lib/cli/terminal/asking.ts'
import { terminalDisplay } from '../../tasks/lib/cli/terminal/live-terminal.ts'

test('nothing moves on the terminal while a question is asked', async () => {
  let shown: (string | Uint8Array)[] = []
  const stream = { write: (text: string | Uint8Array) => void shown.push(text), columns: 80, rows: 24 }
  const display = terminalDisplay({ stream, now: () => 0, clean: (text) => text })
  const item = display.start('ask 3 machines')
  await whileAsking(async () => {
    shown = []
    item.say('1 of 3 machines answered')
    await sleep(300)
    expect(shown).toEqual([])
  })
  expect(shown.join('')).toContain('1 of 3 machines answered')
  item.end('done')
})
