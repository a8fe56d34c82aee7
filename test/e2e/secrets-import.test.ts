import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, inject, test } from 'vitest'
import { type Ran, runTasks } from '../support/cli.ts'
import { kubectlWith } from '../support/kubectl.ts'
import { freshAgeKey, sopsOutput } from '../support/sops.ts'

const { kubeconfig, nodes } = inject('sandbox')
const kubectl = kubectlWith(inject('kubectl'), kubeconfig)
const root = mkdtempSync(join(tmpdir(), 'secrets-import-'))
const key = freshAgeKey()
const namespace = 'secrets-import'
const home = {
  HOME: join(root, 'home'),
  XDG_CONFIG_HOME: join(root, 'home'),
  GNUPGHOME: join(root, 'home'),
  SOPS_AGE_KEY: key.identity,
}

mkdirSync(join(root, 'home'))
writeFileSync(
  join(root, '.env'),
  `K8S_NODES="${nodes.join(' ')}"\nK8S_KUBECONFIG=${kubeconfig}\nK8S_NAMESPACE=${namespace}\n`,
)
const rule = 'creation_rules:\n- path_regex: ^secrets/\n  encrypted_regex: ^(data|stringData)$\n'
writeFileSync(join(root, '.sops.yaml'), `${rule}  age: ${key.recipient}\n`)
await kubectl(['create', 'namespace', namespace])

afterAll(async () => {
  await kubectl(['delete', 'namespace', namespace, '--wait=false', '--ignore-not-found'])
  rmSync(root, { recursive: true, force: true })
})

function tasks(...args: string[]): Promise<Ran> {
  return runTasks(args, { cwd: root, env: { ...home, K8S_NODES: undefined, KUBECONFIG: undefined } })
}

async function clear(path: string): Promise<string> {
  return (await sopsOutput(['decrypt', path], { cwd: root, env: home })).toString()
}

test('a Secret that somebody made by hand comes into an encrypted file, and is then as wanted', async () => {
  const literals = ['--from-literal=password=hunter22', '--from-literal=user=app']
  await kubectl(['create', 'secret', 'generic', 'db', '-n', namespace, ...literals])
  await kubectl(['label', 'secret', 'db', '-n', namespace, 'app=db'])
  const { exitCode, stderr } = await tasks('secrets:import', '--from-cluster', 'db')
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
  expect(stderr).not.toContain('hunter22')
  expect(await clear('secrets/db.yaml')).toBe(`apiVersion: v1
kind: Secret
metadata:
    name: db
    labels:
        app: db
type: Opaque
stringData:
    password: hunter22
    user: app
`)
  const dryRun = await tasks('secrets:apply', 'db', '--dry-run', '--json')
  const [{ changes }] = JSON.parse(dryRun.stdout).steps
  const { action, before, after } = changes.find(({ title }: { title: string }) =>
    title.includes(`${namespace}/db`),
  )
  const values = (lines: string[]) => lines.filter((line) => /password|user/.test(line))
  expect(action).toBe('adopt')
  expect(values(after)).toHaveLength(2)
  expect(values(after)).toEqual(values(before))
})

test('of another namespace the file names it; one that is not there is an error', async () => {
  const files = ['--from-literal=a=b']
  await kubectl(['create', 'secret', 'generic', 'other', '-n', 'default', ...files])
  const { exitCode } = await tasks('secrets:import', '--from-cluster', 'default/other', '--name', 'mine')
  await kubectl(['delete', 'secret', 'other', '-n', 'default'])
  expect(exitCode).toBe(0)
  expect(await clear('secrets/mine.yaml')).toContain('    name: mine\n    namespace: default\n')
  const gone = await tasks('secrets:import', '--from-cluster', 'default/gone')
  expect(gone.exitCode).toBe(1)
  expect(gone.stderr).toContain('there is no Secret default/gone in cluster')
})
