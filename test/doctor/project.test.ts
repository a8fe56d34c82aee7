import { join } from 'node:path'
import { expect, test } from 'vitest'
import { manifestResults } from '../../tasks/lib/doctor/manifests.ts'
import { configResults, editorResult, folderResult, journalResult } from '../../tasks/lib/doctor/project.ts'
import { temporaryFolder } from '../support/cli.ts'

test('every error of the configuration is named with its place and its way out, all at once', async () => {
  const root = temporaryFolder({ '.env': 'TZ=Mars/Olympus\nPOOL_NUM_SMALL=many\nK8S_VERSION=1.2.3\n' })
  const { config, results } = await configResults(root, {})
  expect(config).toBeUndefined()
  expect(results.map(({ name, state }) => `${state} ${name}`)).toEqual([
    'missing .env:1:1',
    'missing .env:2:1',
    'missing .env:3:1',
  ])
  expect(results.every(({ detail, hint }) => detail && hint)).toBe(true)
})

test('a configuration without nodes says that the sandbox is the target', async () => {
  const { results } = await configResults(temporaryFolder({ '.env': '' }), {})
  expect(results).toEqual([
    {
      name: 'configuration',
      state: 'good',
      detail: 'no nodes are configured: the target is the sandbox, kube1 kube2 kube3',
    },
  ])
})

test('a variable that a manifest names and nobody sets is missing, with the line to write', async () => {
  const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: $APP_NAME\n  namespace: $K8S_NODE\n'
  const root = temporaryFolder({ '.env': '', 'manifests/web.yaml': manifest })
  const { config } = await configResults(root, {})
  const results = await manifestResults(config!, temporaryFolder())
  // The path is as short as it can be from the folder in which the tests run.
  const inProject = (name: string) => name.slice(name.indexOf('manifests/'))
  expect(results.map(({ name, state, detail }) => [inProject(name), state, detail])).toEqual([
    ['manifests/web.yaml:4:9', 'missing', '$APP_NAME is not set: declared nowhere'],
    ['manifests/web.yaml:5:14', 'missing', '$K8S_NODE is not set: declared nowhere'],
  ])
  expect(results.every(({ hint }) => hint)).toBe(true)
})

test('manifests whose variables are all set are counted', async () => {
  const manifest = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: $K8S_NAMESPACE }\n'
  const root = temporaryFolder({ '.env': '', 'manifests/web.yaml': manifest })
  const { config } = await configResults(root, {})
  const detail = '1 file, all variables set; tasks validate checks them in full'
  expect(await manifestResults(config!, temporaryFolder())).toEqual([
    { name: 'manifests', state: 'good', detail },
  ])
})

test('an editor that is not there is named with where it was set', async () => {
  const root = temporaryFolder({ '.env': 'EDITOR="nosuch --wait"\n' })
  const { config } = await configResults(root, {})
  expect(editorResult(config!, root)).toEqual({
    name: 'EDITOR',
    state: 'warning',
    detail: 'nosuch is not on PATH (.env:1)',
    hint: 'apt install nosuch, or add its folder to PATH; or set EDITOR in .env, for example EDITOR=nano',
  })
})

test('.tasks that is a file, or lies where nobody may write, is missing', () => {
  const root = temporaryFolder({ '.tasks': '' })
  expect(folderResult(root)).toEqual({
    name: '.tasks',
    state: 'missing',
    detail: 'is a file, not a folder',
    hint: `mv ${root}/.tasks ${root}/.tasks.old`,
  })
  // Even root may write nothing there.
  expect(folderResult('/proc/sys')).toMatchObject({ state: 'missing' })
  expect(folderResult(temporaryFolder())).toMatchObject({ state: 'good' })
})

const run =
  '{"time":"2026-06-01T10:20:30Z","event":"run","task":"install","target":"t","argv":[],"changes":4}\n'
const change = { step: 'flannel', target: 'a', action: 'create', title: 'a' }
const begun = `${JSON.stringify({ event: 'started', ...change })}\n`
const done = `${JSON.stringify({ event: 'done', seconds: 1, ...change })}\n`

test.each([
  [
    'that was cut off',
    run + begun + done + begun,
    'warning',
    'tasks install at 2026-06-01 10:20 was interrupted at flannel, 1 of 4 changes done',
  ],
  [
    'that failed',
    `${run}{"event":"end","outcome":"failed","seconds":2}\n`,
    'warning',
    'tasks install at 2026-06-01 10:20 failed, 0 of 4 changes done',
  ],
  [
    'that ended well',
    `${run}{"event":"end","outcome":"done","seconds":2}\n`,
    'good',
    'tasks install at 2026-06-01 10:20 ended well',
  ],
])('a last run %s is told', (_, journal, state, detail) => {
  const root = temporaryFolder({ [join('.tasks', 'journal', '2026-install.jsonl')]: journal })
  const hint = state === 'good' ? undefined : 'go on with: tasks install'
  expect(journalResult(root)).toEqual({ name: 'last run', state, detail, ...(hint && { hint }) })
})
