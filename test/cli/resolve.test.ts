import { expect, test } from 'vitest'
import { resolveTask } from '../../tasks/lib/cli/commands/resolve.ts'
import { UsageError } from '../../tasks/lib/cli/errors.ts'

const oldNames: Record<string, string[]> = {
  'namespace-config': ['install/limits', 'install/namespace'],
  untaint: ['untaint_master'],
}
const names = {
  entries: [
    'apply',
    'install',
    'namespace-config',
    'persistent-dirs',
    'sandbox:down',
    'sandbox:up',
    'secrets:new',
    'untaint',
  ].map((name) => ({ name, file: `/${name}.ts`, from: 'package' as const, oldNames: oldNames[name] ?? [] })),
  manifests: ['flannel', 'ingress-nginx', 'instal'],
}

test('a name finds its task', () => {
  expect(resolveTask(['secrets:new'], names).file).toBe('/secrets:new.ts')
})

test.each([
  ['persistent_dirs', 'did you mean tasks persistent-dirs?'],
  ['install/limits', 'did you mean tasks namespace-config?'],
  ['untaint_master', 'did you mean tasks untaint?'],
  ['untaint-master', 'did you mean tasks untaint?'],
  ['secrets/new', 'did you mean tasks secrets:new?'],
  ['tasks/install.ts', 'did you mean tasks install?'],
  ['secrets new', 'did you mean tasks secrets:new?'],
  ['sandbox', 'did you mean tasks sandbox:down, tasks sandbox:up?'],
  ['flannel', 'did you mean tasks apply flannel?'],
  ['instal', 'did you mean tasks apply instal?'],
  ['isntall', 'did you mean tasks install?'],
  ['install/limit', 'did you mean tasks namespace-config?'],
  ['flanel', 'did you mean tasks apply flannel?'],
  ['frobnicate', 'tasks lists them all'],
])('tasks %s: %s', (line, hint) => {
  const words = line.split(' ') as [string, ...string[]]
  const attempt = () => resolveTask(words, names)
  expect(attempt).toThrow(UsageError)
  expect(attempt).toThrow(expect.objectContaining({ message: `there is no task ${words[0]}`, exitCode: 64 }))
  expect(attempt).toThrow(expect.objectContaining({ findings: [expect.objectContaining({ hint })] }))
})
