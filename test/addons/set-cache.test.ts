import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { namedSets } from '../../tasks/lib/addons/sets.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { loadConfig } from '../../tasks/lib/config/config.ts'
import { temporaryFolder, writeFiles } from '../support/cli.ts'

const web =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: $NAME }\ndata: { id: "12345678901234567890" }\n'

/** A project with one manifest, whose objects are read as often as wanted. */
function project(text = web) {
  const root = temporaryFolder({ '.env': 'NAME=web\n', 'manifests/web.yaml': text })
  const folder = join(root, '.tasks', 'cache')
  return {
    root,
    async load({ environment = {}, program = 'one' }: Given = {}) {
      const config = await loadConfig(root, { environment })
      const { sets } = await namedSets(['web'], { config, packageRoot: packageRoot(), program })
      return sets[0]!.objects
    },
    kept: () => readKept(folder).map((name) => join(folder, name)),
  }
}

type Given = { environment?: Record<string, string>; program?: string }

function readKept(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

// What is read anew is written anew: another file takes the name.
async function isRead({ load, kept }: ReturnType<typeof project>, given?: Given): Promise<boolean> {
  const [file] = kept()
  const before = statSync(file!).ino
  await load(given)
  return statSync(file!).ino !== before
}

test('objects of the run before are the same objects, places included', async () => {
  const { load, kept } = project()
  const [first] = await load()
  expect(kept()).toHaveLength(1)
  const [second] = await load()
  expect(second!.object).toEqual(first!.object)
  expect(second!.source).toEqual(first!.source)
  expect(second!.variables).toEqual(first!.variables)
  expect(second!.placeOf('data.id')).toEqual(first!.placeOf('data.id'))
})

test('nothing is read anew while text, variables and program are the same', async () => {
  const same = project()
  await same.load()
  expect(await isRead(same)).toBe(false)
  expect(await isRead(same, { environment: { UNNAMED: 'x' } })).toBe(false)
})

test('another value of a variable that the text names counts', async () => {
  const { load } = project()
  await load()
  const [object] = await load({ environment: { NAME: 'other' } })
  expect(object!.object.metadata.name).toBe('other')
})

test('another text counts', async () => {
  const { root, load } = project()
  await load()
  writeFiles(root, { 'manifests/web.yaml': web.replace('$NAME', 'plain') })
  expect((await load())[0]!.object.metadata.name).toBe('plain')
})

test('another program reads anew', async () => {
  const other = project()
  await other.load()
  expect(await isRead(other, { program: 'two' })).toBe(true)
})

test.each([
  ['cut off', (text: string) => text.slice(0, -20)],
  ['edited', (text: string) => text.replace('"web"', '"bad"')],
  ['empty', () => ''],
])('a kept file that is %s is passed over and written again', async (_, spoil) => {
  const { load, kept } = project()
  await load()
  const [file] = kept()
  const good = readFileSync(file!, 'utf8')
  writeFileSync(file!, spoil(good))
  expect((await load())[0]!.object.metadata.name).toBe('web')
  expect(readFileSync(file!, 'utf8')).toBe(good)
})

test('the folder may be deleted, and a file may stand in its place', async () => {
  const { root, load } = project()
  await load()
  rmSync(join(root, '.tasks'), { recursive: true })
  writeFileSync(join(root, '.tasks'), '')
  expect((await load())[0]!.object.metadata.name).toBe('web')
})

test.each([
  ['a Secret', 'apiVersion: v1\nkind: Secret\nmetadata: { name: web }\nstringData: { key: value }\n', {}],
  [
    'the value of a secret variable',
    web.replace('12345678901234567890', '$DB_PASSWORD'),
    { DB_PASSWORD: 'hunter22' },
  ],
  [
    'text that holds a secret value',
    web.replace('12345678901234567890', 'hunter22'),
    { DB_PASSWORD: 'hunter22' },
  ],
])('%s is not kept on disk', async (_, text, environment) => {
  const { load, kept } = project(text)
  expect(await load({ environment })).toHaveLength(1)
  expect(kept()).toEqual([])
})

test('a warning is told again', async () => {
  const { root } = project(`${web}  n: "1"\n`.replace('data: { id: "12345678901234567890" }', 'data:'))
  const config = await loadConfig(root, { environment: {} })
  const load = () => namedSets(['web'], { config, packageRoot: packageRoot(), program: 'one' })
  const { findings } = await load()
  expect(findings).toContainEqual(expect.objectContaining({ severity: 'warning', line: 5 }))
  expect((await load()).findings).toEqual(findings)
})
