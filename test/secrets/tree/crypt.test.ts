import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createReuse, decryptBranches, encryptBranches } from '../../../tasks/lib/secrets/tree/crypt.ts'
import { type Selector, selects } from '../../../tasks/lib/secrets/tree/selector.ts'
import { comment, entry, leaf, list, type MapNode, map } from '../../../tasks/lib/secrets/tree/tree.ts'
import { maxDepth, ValueError } from '../../../tasks/lib/secrets/tree/walk.ts'

const dataKey = Buffer.alloc(32, 7)
const matches = (pattern: string) => (text: string) => new RegExp(pattern).test(text)
const all = selects({ kind: 'unencrypted_suffix', value: '_unencrypted' }, matches)
const clear = map([
  comment(' head'),
  entry('user', leaf('kim')),
  entry('port', leaf(5432n)),
  entry('note_unencrypted', leaf('seen')),
  entry('nothing', leaf(null)),
  entry('hosts', list([comment(' in a list'), leaf('a'), leaf('a'), map([entry('ca', leaf(true))])])),
])

function sealedBy(tree: MapNode, options: Partial<Parameters<typeof encryptBranches>[1]> = {}) {
  return encryptBranches([tree], { dataKey, selects: all, ...options })
}

test('what is encrypted comes back, with the same MAC', () => {
  const sealed = sealedBy(clear)
  expect(decryptBranches(sealed.branches, { dataKey, selects: all })).toEqual({
    branches: [clear],
    mac: sealed.mac,
  })
})

test('the MAC is SHA-512 over clear values in order, without comments and nulls', () => {
  const hash = createHash('sha512').update('kim5432seenaaTrue').digest('hex').toUpperCase()
  expect(sealedBy(clear).mac).toBe(hash)
})

test('with mac_only_encrypted clear values do not count, and the MAC is of another kind', () => {
  const start = createHash('sha256').update('sops').digest()
  const hash = createHash('sha512').update(start).update('kim5432aaTrue').digest('hex').toUpperCase()
  expect(sealedBy(clear, { macOnlyEncrypted: true }).mac).toBe(hash)
})

test('equal values of a list have ciphertexts of their own, and keep them', () => {
  const first = sealedBy(clear).branches
  const reuse = createReuse()
  decryptBranches(first, { dataKey, selects: all, reuse })
  const second = sealedBy(clear, { reuse }).branches
  expect(second).toEqual(first)
  const hosts = JSON.stringify(first).match(/ENC\[[^\]]*type:str\]/g)!
  expect(new Set(hosts).size).toBe(hosts.length)
})

test('only what was changed is encrypted anew', () => {
  const first = sealedBy(clear).branches
  const reuse = createReuse()
  decryptBranches(first, { dataKey, selects: all, reuse })
  const edited = structuredClone(clear)
  edited.items[1] = entry('user', leaf('sam'))
  const second = sealedBy(edited, { reuse }).branches
  const differ = second[0]!.items.flatMap((item, index) =>
    JSON.stringify(item) === JSON.stringify(first[0]!.items[index]) ? [] : [index],
  )
  expect(differ).toEqual([1])
})

test('a value that was moved to another key is refused, with its path', () => {
  const tree = map([entry('db', map([entry('user', leaf('kim')), entry('password', leaf('x'))]))])
  const [branch] = sealedBy(tree).branches
  const db = (branch!.items[0] as { value: MapNode }).value
  const [user, password] = db.items as { value: unknown }[]
  const kept = user!.value
  user!.value = password!.value
  password!.value = kept
  const opening = () => decryptBranches([branch!], { dataKey, selects: all })
  expect(opening).toThrow(ValueError)
  expect(opening).toThrow(expect.objectContaining({ path: ['db', 'user'] }))
})

test('a file that is nested without end is refused before the stack is', () => {
  let tree = map()
  for (let depth = 0; depth < 100_000; depth++) tree = map([entry('a', tree)])
  expect(() => sealedBy(tree)).toThrow(`the file is nested more than ${maxDepth} levels deep`)
})

test('a value whose unauthenticated type says comment does not disappear', () => {
  const [branch] = sealedBy(map([entry('a', leaf('x'))])).branches
  const value = (branch!.items[0] as { value: { value: string } }).value
  value.value = value.value.replace('type:str', 'type:comment')
  expect(() => decryptBranches([branch!], { dataKey, selects: all })).toThrow(
    'a value was encrypted as a comment',
  )
})

describe('which values are encrypted', () => {
  const tree = map([
    comment(' public'),
    entry('a', map([entry('x', leaf('1'))])),
    entry('b_x', leaf('2')),
    comment(' secret'),
    entry('c', list([leaf('3'), comment(' public'), leaf('4')])),
  ])
  test.each<[Selector['kind'], string, string[]]>([
    ['unencrypted_suffix', '_x', ['1', '3', '4']],
    ['encrypted_suffix', '_x', ['2']],
    ['unencrypted_regex', '^(a|c)$', ['2']],
    ['encrypted_regex', 'x', ['1', '2']],
    ['unencrypted_comment_regex', 'public', ['2', '3']],
    ['encrypted_comment_regex', 'secret', ['3', '4']],
  ])('%s: %s', (kind, value, encrypted) => {
    const { branches } = sealedBy(tree, { selects: selects({ kind, value }, matches) })
    const said = JSON.stringify(branches)
    expect(['1', '2', '3', '4'].filter((text) => !said.includes(`"value":"${text}"`))).toEqual(encrypted)
  })

  test('a regex for clear comments that also matches encrypted ones is refused', () => {
    const selector = { kind: 'unencrypted_comment_regex', value: 'E' } as const
    const looksClear = matches('E')
    expect(() => sealedBy(tree, { selects: selects(selector, matches), looksClear })).toThrow(
      'also matches encrypted comments',
    )
  })

  test('a comment that says what to encrypt stays readable itself', () => {
    const selector = { kind: 'encrypted_comment_regex', value: 'secret' } as const
    const { branches } = sealedBy(tree, { selects: selects(selector, matches) })
    expect(branches[0]!.items[3]).toEqual(comment(' secret'))
    expect(JSON.stringify(branches[0]!.items[4])).not.toContain('public')
  })
})
