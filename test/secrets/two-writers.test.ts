import { expect, test } from 'vitest'
import { createKeyring, type Keyring } from '../../tasks/lib/secrets/keys/keyring.ts'
import { secretProject } from '../../tasks/lib/secrets/project.ts'
import { rotatePlan } from '../../tasks/lib/secrets/rekey/rotate-plan.ts'
import { team } from './team.ts'

test('a rotation does not write over what somebody else wrote while it encrypted', async () => {
  const { folder, seal, env, read, write } = team(['alice'])
  await seal('secrets/db.yaml', 'a: one\n')
  const before = read('secrets/db.yaml')
  const theirs = `# theirs\n${before}`
  const own = createKeyring({ environment: env('alice'), publicKeys: [] })
  let isRunning = false
  const keyring: Keyring = {
    open: (metadata, options) => own.open(metadata, options),
    wrap(groups, options) {
      if (isRunning) write({ 'secrets/db.yaml': theirs })
      return own.wrap(groups, options)
    },
  }
  const project = { ...secretProject({ root: folder, output: { findings: () => {} } }), keyring }
  const rotation = { names: [], remove: [], add: [], followRules: false }
  const plan = await rotatePlan(rotation, { project })
  isRunning = true
  const [change] = plan.steps[0]!.waves[0]!.changes
  const progress = { say: () => {}, signal: new AbortController().signal }
  await expect(change!.run(progress)).rejects.toThrow('somebody else meanwhile: nothing was written')
  expect(read('secrets/db.yaml')).toBe(theirs)
})
