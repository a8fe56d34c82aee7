import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Finding } from '../../tasks/lib/cli/errors.ts'
import { forgetSecrets, redact } from '../../tasks/lib/cli/redact.ts'
import { secretProject } from '../../tasks/lib/secrets/project.ts'
import { temporaryFolder } from '../support/cli.ts'
import { freshAgeKey, noKeys, sopsOutput } from '../support/sops.ts'

const variables = vi.hoisted(() => ({ all: {} as Record<string, string> }))
vi.mock('../../tasks/lib/config/environment.ts', () => ({ environment: () => variables.all }))
afterEach(forgetSecrets)

const key = freshAgeKey()
const findings: Finding[] = []
const output = { findings: (some: Finding[]) => void findings.push(...some) }

function projectIn(root: string, env: Record<string, string> = {}) {
  variables.all = { ...noKeys, SOPS_AGE_KEY: key.identity, ...env }
  return secretProject({ root, output })
}

async function sealed(clear: string, name = 'a.yaml'): Promise<string> {
  const args = ['encrypt', '--age', key.recipient, '--encrypted-regex', '^data$', '--filename-override', name]
  return (await sopsOutput(args, { input: clear })).toString()
}

describe('the secrets of a project', () => {
  test('are found, read and opened by name, and what was encrypted is kept out of all output', async () => {
    const text = await sealed(
      'name: visible\ndata:\n    password: hidden-value\n    # hidden-note\n    port: 5432\n',
    )
    const project = projectIn(
      temporaryFolder({ 'secrets/db.yaml': text, 'secrets/keys/me.age': key.recipient }),
    )
    expect((await project.list()).map(project.shown)).toEqual(['secrets/db.yaml'])
    const file = await project.find('db')
    expect((await project.readSealed(file)).metadata.selector.value).toBe('^data$')
    const opened = await project.open(file)
    expect(opened).toMatchObject({ file: 'secrets/db.yaml', openedBy: [{ recipient: key.recipient }] })
    expect(redact('visible hidden-value and hidden-note 5432')).toBe('visible *** and*** 5432')
    await expect(project.open(join(project.folder, 'none.yaml'))).rejects.toThrow('is not there')
  })

  test('have the rules of the project, read once', async () => {
    const rule = `creation_rules: [{path_regex: ^secrets/, age: ${key.recipient}}]\nstore: {}\n`
    const project = projectIn(temporaryFolder({ '.sops.yaml': rule }))
    const policy = await project.policyFor(join(project.folder, 'new.yaml'))
    expect(policy.groups).toEqual([[{ type: 'age', recipient: key.recipient }]])
    expect(await project.rules()).toBe(await project.rules())
    expect(findings.filter(({ message }) => message === 'store is not known to sops')).toHaveLength(1)
    await expect(project.policyFor(join(project.root, 'new.yaml'))).rejects.toThrow(
      'no matching creation rules',
    )
  })

  test('have the rules of the repository that secrets/ leads to, where the project has none', async () => {
    const root = temporaryFolder({
      'private/.sops.yaml': `creation_rules: [{path_regex: ^db, age: ${key.recipient}}]`,
      'project/cluster.yaml': '',
    })
    symlinkSync('../private', join(root, 'project/secrets'))
    const project = projectIn(join(root, 'project'))
    expect((await project.policyFor(join(project.folder, 'db.yaml'))).groups).toHaveLength(1)
  })

  test('without any rules say how to get them', async () => {
    const project = projectIn(temporaryFolder(), { SOPS_CONFIG: '' })
    const error = await project.policyFor(join(project.folder, 'a.yaml')).catch((thrown) => thrown)
    expect(error.findings[0].hint).toContain('tasks secrets:key')
  })

  test('are tried in the order that SOPS_DECRYPTION_ORDER names', () => {
    expect(() => projectIn('/', { SOPS_DECRYPTION_ORDER: 'pgp,age,pgp' })).toThrow('names pgp twice')
  })
})
