import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TaskError } from '../../tasks/lib/cli/errors.ts'
import { findManifests } from '../../tasks/lib/manifest/files.ts'

const folder = mkdtempSync(join(tmpdir(), 'manifests-'))
const root = join(folder, 'project')
const options = { root, packageRoot: join(folder, 'package'), cwd: root }

beforeAll(() => {
  const files = [
    'project/manifests/web.yaml',
    'project/manifests/old.yml',
    'project/manifests/both.yaml',
    'package/manifests/both.yaml',
    'package/manifests/base.yaml',
    'project/manifests/imports/metallb.yaml',
    'project/apps/b.yaml',
    'project/apps/a/z.json',
    'project/apps/a/y.yml',
    'project/apps/kustomization.yaml',
    'project/apps/notes.txt',
    'project/apps/.git/x.yaml',
    'upstream/a.yaml',
    'project/odd',
    'package/manifests/imports/flannel.yaml',
  ]
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), `# ${file}\n`)
  }
  mkdirSync(join(root, 'empty'))
  writeFileSync(join(root, 'latin.yaml'), Buffer.from([0x61, 0xe9, 0x0a]))
  symlinkSync('.', join(root, 'apps/loop'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function found(...asked: string[]) {
  const { manifests } = await findManifests(asked, options)
  return manifests.flatMap(({ files }) =>
    files.map(({ path, thirdParty }) => path + (thirdParty ? ' (third party)' : '')),
  )
}

async function refusal(...asked: string[]) {
  const error = await findManifests(asked, options).catch((thrown) => thrown)
  expect(error).toBeInstanceOf(TaskError)
  return (error as TaskError).findings.map(({ file, message, hint }) =>
    [file, message, hint].filter(Boolean).join(' | '),
  )
}

describe('a name finds a manifest', () => {
  it('of the project, else of the package', async () => {
    expect(await found('web')).toEqual(['manifests/web.yaml'])
    expect(await found('old', 'both')).toEqual(['manifests/old.yml', 'manifests/both.yaml'])
    expect(await found('base')).toEqual(['../package/manifests/base.yaml'])
  })

  it('and its short name is the same for the name and the path', async () => {
    const { manifests } = await findManifests(
      ['web', 'manifests/web.yaml', 'apps', '../upstream/a.yaml'],
      options,
    )
    expect(manifests.map(({ name }) => name)).toEqual(['web', 'web', 'apps', 'a'])
  })
})

describe('a path finds a file or a folder', () => {
  it('with everything below it, in order, each folder once', async () => {
    expect(await found('apps')).toEqual(['apps/a/y.yml', 'apps/a/z.json', 'apps/b.yaml'])
    expect(await found('./odd')).toEqual(['odd'])
  })

  it('without its kustomization, and a note says so', async () => {
    const { findings } = await findManifests(['apps'], options)
    expect(findings).toMatchObject([
      { severity: 'note', file: 'apps/kustomization.yaml', message: 'left out: it holds no objects' },
    ])
  })

  it('imports and what is outside the project are of third parties', async () => {
    expect(await found('../upstream', 'manifests/imports', 'imports/metallb')).toEqual([
      '../upstream/a.yaml (third party)',
      'manifests/imports/metallb.yaml (third party)',
      'manifests/imports/metallb.yaml (third party)',
    ])
    expect(await found('imports/flannel')).toEqual([
      '../package/manifests/imports/flannel.yaml (third party)',
    ])
  })
})

it('- reads standard input', async () => {
  const stdin = async () => new TextEncoder().encode('a: é')
  const { manifests } = await findManifests(['-'], { ...options, stdin })
  expect(manifests[0]!.files).toEqual([{ path: 'stdin', text: 'a: é', thirdParty: true }])
})

it('everything that is not found is said at once, with what to type', async () => {
  expect(await refusal('wbe', 'nothing-like-it', 'empty', 'latin.yaml')).toEqual([
    'no manifest or file wbe | did you mean web?',
    'no manifest or file nothing-like-it | name a file, a folder or a manifest; there are base, both, old, web',
    'no manifests in empty | name a folder with *.yaml, *.yml or *.json in it',
    'latin.yaml | not UTF-8 text | see file latin.yaml',
  ])
})
