import { expect, test } from 'vitest'
import { runTasks, temporaryFolder } from '../support/cli.ts'
import { fixtureText } from './support/validated.ts'

const [definition, backup] = fixtureText('valid/manifests/custom.yaml').split('\n---\n') as [string, string]
const noColour = { CI: '1' }

/** A project with one backup whose mode is a variable, and its definition among the imports. */
function project(mode: string): string {
  return temporaryFolder({
    '.env': `BACKUP_MODE=${mode}\nK8S_NAMESPACE=home\n`,
    'manifests/backup.yaml': backup.replace('mode: delta', 'mode: $BACKUP_MODE'),
    'manifests/imports/backups.yaml': `${definition}\n`,
  })
}

test('errors end 1, with the place, the variable, the way on and a count', async () => {
  const ran = await runTasks(['validate', 'backup'], { cwd: project('dlta'), env: noColour })
  expect(ran).toEqual({
    exitCode: 1,
    stdout: '',
    stderr:
      'note: manifests/backup.yaml:1:1: Backup nightly names no namespace: home is meant\n' +
      'error: manifests/backup.yaml:6:3: Backup nightly: spec.mode: expected one of full, delta, $BACKUP_MODE gave "dlta"\n' +
      'hint: did you mean delta? (the value of BACKUP_MODE)\n' +
      '1 object in 1 file: 1 error\n',
  })
})

test('without a name every manifest is checked, the imports too', async () => {
  const ran = await runTasks(['validate'], { cwd: project('full'), env: noColour })
  expect(ran.stderr).toMatch(/\n2 objects in 2 files: no errors\n$/)
  expect(ran.exitCode).toBe(0)
})

test('warnings alone end 0', async () => {
  const cwd = temporaryFolder({
    'manifests/old.yaml': 'apiVersion: v1\nkind: Endpoints\nmetadata: { name: old, namespace: default }\n',
  })
  const ran = await runTasks(['validate', 'old'], { cwd, env: noColour })
  expect(ran.stderr).toMatch(/\n1 object in 1 file: no errors, 1 warning\n$/)
  expect(ran.exitCode).toBe(0)
})

test('--json prints the findings as data', async () => {
  const ran = await runTasks(['validate', 'backup', '--json'], { cwd: project('dlta'), env: noColour })
  const { objects, files, kubernetesVersion, findings } = JSON.parse(ran.stdout)
  expect({ objects, files, kubernetesVersion }).toEqual({ objects: 1, files: 1, kubernetesVersion: '1.36.3' })
  expect(findings.map(({ severity }: { severity: string }) => severity)).toEqual(['note', 'error'])
  expect(ran.exitCode).toBe(1)
})

test('an unset variable and what the API server would refuse are said together', async () => {
  const cwd = project('full')
  const service = 'apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: $NOWHERE }\nspec: {}\n'
  const folder = temporaryFolder({ 'web.yaml': service })
  const ran = await runTasks(['validate', `${folder}/web.yaml`, '--subst', 'strict'], { cwd, env: noColour })
  expect(ran.stderr).toContain('$NOWHERE')
  expect(ran.stderr).toContain('spec.ports: is required')
})

test('another version is checked on request, and one that is none is wrong usage', async () => {
  const cwd = temporaryFolder({
    'manifests/web.yaml':
      'apiVersion: v1\nkind: Service\nmetadata: { name: 1web, namespace: default }\nspec: { ports: [{ port: 80 }] }\n',
  })
  const at = (version: string) =>
    runTasks(['validate', 'web', '--kubernetes-version', version], { cwd, env: noColour })
  expect((await at('1.36')).exitCode).toBe(0)
  expect((await at('v1.35.4')).exitCode).toBe(1)
  expect(await at('latest')).toMatchObject({
    exitCode: 64,
    stderr: expect.stringContaining('for example 1.36'),
  })
})

test('a project without manifests is told what to name', async () => {
  const ran = await runTasks(['validate'], { cwd: temporaryFolder({ '.env': '' }), env: noColour })
  expect(ran.exitCode).toBe(64)
  expect(ran.stderr).toBe(
    'error: this project has no manifests\nhint: name a file, a folder or a manifest to check\n',
  )
})
