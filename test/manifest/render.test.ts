import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { environment } from '../../tasks/lib/config/environment.ts'
import { tasksWords } from '../support/cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'render-'))
const root = join(folder, 'project')
const pod = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: $NAME\nspec: { port: $PORT, key: $API_KEY }\n'

beforeAll(() => {
  mkdirSync(join(root, 'manifests'), { recursive: true })
  writeFileSync(join(root, '.env'), 'NAME=web\nPORT=8080\nAPI_KEY=top-secret-value\n')
  writeFileSync(join(root, 'manifests/web.yaml'), pod)
  writeFileSync(join(folder, 'outside.yaml'), pod)
  writeFileSync(join(root, 'broken.yaml'), pod.replace('$NAME', '$NAEM').replace('$PORT', '${PROT}'))
  writeFileSync(join(folder, 'more.env'), 'NAME=other\n')
  cpSync(join(packageRoot(), 'test/fixtures/corpus'), join(folder, 'corpus'), { recursive: true })
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Result {
  code: number
  stdout: string
  stderr: string
}

function render(args: string[], input = ''): Promise<Result> {
  const { PATH, HOME } = environment()
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      tasksWords(['render', ...args]),
      { cwd: root, env: { PATH, HOME } },
      (error, stdout, stderr) => {
        done({ code: Number(error?.code ?? 0), stdout, stderr })
      },
    )
    child.stdin!.end(input)
  })
}

describe('tasks render', () => {
  it('prints YAML, with nothing beside it', async () => {
    expect(await render(['web'])).toEqual({
      code: 0,
      stdout:
        '---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  port: 8080\n  key: top-secret-value\n',
      stderr: '',
    })
  })

  it('-o json prints one List', async () => {
    const { stdout } = await render(['web', 'manifests/web.yaml', '-o', 'json'])
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web' },
      spec: { port: 8080, key: 'top-secret-value' },
    }
    expect(JSON.parse(stdout)).toEqual({ apiVersion: 'v1', kind: 'List', items: [object, object] })
  })

  it('--explain says where each object and each value is from, secrets masked', async () => {
    const { stdout } = await render(['web', '--explain', '--vars', '../more.env'])
    expect(stdout.split('\n').slice(0, 6)).toEqual([
      '---',
      '# manifests/web.yaml:1: Pod other',
      '# metadata.name: $NAME = "other" from --vars ../more.env:1 (4:9)',
      '# spec.port: $PORT = "8080" from .env:2 (5:15)',
      '# spec.key: $API_KEY = (secret) from .env:3 (5:27)',
      'apiVersion: v1',
    ])
  })

  it('an error ends 1 with nothing on stdout and every finding on stderr', async () => {
    const { code, stdout, stderr } = await render(['web', 'broken.yaml', '-o', 'json'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      'error: broken.yaml:4:9: $NAEM is not set: declared nowhere\n' +
        'hint: did you mean $NAME? If not, set it in .env, for example NAEM=…\n' +
        'error: broken.yaml:5:15: $PROT is not set: declared nowhere\n' +
        'hint: did you mean $PORT? If not, set it in .env, for example PROT=…\n',
    )
  })

  it('takes a file from outside as it is unless --subst asks, and says so', async () => {
    const plain = await render(['../outside.yaml', '--vars', '../more.env'])
    expect(plain.stdout).toContain('name: $NAME')
    expect(plain.stderr).toContain('not substituted: this file is from outside the project')
    expect((await render(['../outside.yaml', '--subst', 'strict'])).stdout).toContain('name: web')
  })

  it('a value that no cluster could have is a warning: nothing is sent anywhere', async () => {
    writeFileSync(
      join(folder, 'odd.env'),
      'NAME=web\nTZ=Mars/Base\nNODE=nobody\nK8S_VOLUMES_PATH=x\nPOOL_NUM_SMALL=y\n',
    )
    const { code, stdout, stderr } = await render(['web', '--vars', '../odd.env'])
    expect(code).toBe(0)
    expect(stdout).toContain('name: web')
    expect(stderr).toContain('warning: ../odd.env:2:1: TZ is "Mars/Base"')
  })

  it('- reads standard input', async () => {
    expect((await render(['-', '--subst', 'declared'], pod)).stdout).toContain('name: web')
  })

  it('a folder outside, with its own variables, in one command', async () => {
    const { code, stdout } = await render([
      '../corpus',
      '--vars',
      '../corpus/values.env',
      '--subst',
      'strict',
      '-o',
      'json',
    ])
    expect(code).toBe(0)
    expect(JSON.parse(stdout).items.map((item: { kind: string }) => item.kind)).toEqual([
      'ConfigMap',
      'ConfigMap',
      'Secret',
      'StatefulSet',
      'ConfigMap',
      'Ingress',
      'Service',
      'Deployment',
      'PersistentVolume',
      'PersistentVolumeClaim',
      'CronJob',
    ])
  })
})
