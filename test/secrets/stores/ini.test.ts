import { describe, expect, test } from 'vitest'
import type { SecretError } from '../../../tasks/lib/secrets/errors.ts'
import { iniStore } from '../../../tasks/lib/secrets/stores/flat/ini-store.ts'
import { comment, entry, leaf, map } from '../../../tasks/lib/secrets/tree/tree.ts'
import {
  expectAgreement,
  marked,
  metadata,
  openedBySops,
  openedByUs,
  rewritten,
  sealedBySops,
  thereAndBack,
} from './oracle.ts'

const same: Record<string, string> = {
  'a section': '[a]\nb = c\n',
  'nothing in it': '',
  'keys before the first section': 'a = 1\nb=2\n\n[c]\nd : e\n',
  'a section without keys': '[a]\n\n[b]\nc=d\n[e]\n',
  'a section that is there twice': '[a]\nb=1\n[a]\nb=2\nc=3\n',
  'the section DEFAULT by its name': 'a=0\n[DEFAULT]\nb=1\n[default]\nc=2\n[x]\ny=z\n',
  'keys of several lengths': '[a]\nb=1\nlonger=2\nthe longest of all = 3\n',
  'names with dots and spaces': '[ a.b ]\nc d = e\n[a.b.c]\nf.g=h\n',
  'an empty value': '[a]\nb=\nc = \nd=x\n',
  'quoted values': '[a]\nb="x y"\nc=\'z\'\nd="a"b"\ne=""\nf="\ng=\'a"b\'\n',
  'values in back quotes and triple quotes': '[a]\nb=`x # y`\nc="""z ; w"""\nd=`a`b`\n',
  'values of several lines': '[a]\nb="""line 1\nline 2\n"""\nc=`x\n  y\n`\nd=1\n',
  'a value that goes on behind a backslash': '[a]\nb=one \\\n  two \\\nthree\nc=x\\\n\nd=1\n',
  'white space around values': '[a]\nb="  x  "\nc=   y   \n\td\t=\tz\t\n',
  'quoted keys': '[a]\n"b=c" = 1\n`d:e`=2\n"""f"g"""=3\n`h"i` = 4\n"""j`k""" = 5\n',
  'colons and equals signs': '[a]\nb:c=d\ne=f:g\nh = i = j\n',
  'head comments with both signs': '; of a\n[a]\n# of b\nb=1\n;of c\nc=2\n',
  'inline comments': '[a] ; of a\nb=1 ; of b\nc=2 # of c\nd=x;y\n',
  'comments of several lines': '; one\n; two\n# three\n[a]\n# one\n;two\n\n;  three\nb=1\n',
  'head and inline comments together': '; head\n[a] ; inline\n# head\nb=1 ; inline\n',
  'comments before the first key': '; of b\nb=1\n; of c\nc=2\n; of x\n[x]\ny=z\n',
  'a comment at the end, which is lost': '[a]\nb=1\n; the end\n',
  'empty comments': ';\n[a]\n#\nb=1\n; \nc=2\n',
  'comments with several signs': ';; a\n[a]\n## b\nb=1\n#; c\nc=2\n; # d\nd=3\n',
  'indented lines': '  [a]\n    b = 1\n    ; of c\n    c = 2\n',
  'a key that is there twice': '[a]\nb=1\nc=2\nb=3\n',
  'a key with comments that is there twice': '[a]\n; first\nb=1\nc=2\n; second\nb=3\n',
  CRLF: '; c\r\n[a]\r\nb = 1\r\n\r\n; d1\r\n; d2\r\nd="x"\r\n[e]\r\n',
  'CRLF in a value of several lines': '[a]\r\nb="""x\r\ny"""\r\n',
  'no final newline': '[a]\nb=1',
  'blank lines': '\n\n[a]\n\n\nb=1\n\n',
  'characters beyond ASCII': '[секция]\nключ=значение\n; 🎉 é\nb=🎉\n\u00a0c\u00a0=\u00a0d\u00a0\n',
  'a byte order mark': '\ufeff[a]\nb=1\n',
  'keys that are clear by their suffix': '[a]\nb_unencrypted=x y\nc=d\n[e_unencrypted]\nf=g\n',
  'a section that starts like metadata': '[sops_]\na=1\n[SOPS]\nb=2\n',
  'text that looks encrypted': '[a]\nb=ENC[AES256_GCM,data:x]\n',
  'a bracket in a section name': '[a]b]\nc=d\n[e] x\nf=g\n',
  '\\n in a value stays as it is': '[a]\nb=x\\ny\n',
  'percent signs': '[a]\nb=%(c)s\nc=%d\n',
  'text behind a closing quote': '[a]\nb=`x` ; lost\nc="""y""" lost\nd=1\n',
  'comment signs inside quotes': '[a]\nb="x ; y"\nc=\'x # y\'\n',
}

describe.concurrent('INI is encrypted and decrypted as by sops', () => {
  for (const [name, text] of Object.entries(same)) {
    test(name, async () => expectAgreement(text, 'ini'))
  }
})

const block = `[sops]
age__list_0__map_enc       = wrapped\\n
age__list_0__map_recipient = age1x
lastmodified               = 2024-01-02T03:04:05Z
mac                        = ENC[mac]
unencrypted_suffix         = _unencrypted
version                    = 3.13.3
`

test('the layout of INI stays when it is encrypted', async () => {
  const source = '; of a\n[a]\n\n  b=x  # of b\nlonger  : "y z"\n\n; one\n; two\nc=`;`\nd =\n'
  expect(await rewritten(source, 'ini')).toBe(
    `; <OF A>\n[a]\n\n  b=<X>  # <OF B>\nlonger  : <Y Z>\n\n; <ONE\n; TWO>\nc=\`<;>\`\nd =<>\n\n${block}`,
  )
})

test('metadata is a section of its own, behind a blank line', async () => {
  expect(await rewritten('a=x', 'ini')).toBe(`a=<X>\n\n${block}`)
  expect(await rewritten('a=x\n\n', 'ini')).toBe(`a=<X>\n\n${block}`)
  expect(await rewritten('', 'ini')).toBe(block)
  expect(await rewritten('a=x\r\n', 'ini')).toBe(`a=<X>\r\n\r\n${block.replaceAll('\n', '\r\n')}`)
})

test.each([
  '; of a\n[a]\n\n  b=x  # of b\nlonger  :y z\n\n; one\n; two\nc=`;`\n[d]\n\n',
  '[a]\r\nb = 1\r\n\r\n; c1\r\n; c2\r\nc=x\r\n',
  'a=1\nb="""x\n y`z"""\nc="  "\n',
  '',
])('the layout of INI comes back when it is decrypted: %j', async (source) => {
  expect(await thereAndBack(source, 'ini')).toBe(source.replace(/\n\n$/, '\n'))
})

test.each([
  ['a comment at the end', '[a]\nb=1\n;secret\n'],
  ['a value that another one follows', '[a]\nb=secret\nb=\n'],
  ['text behind a closing quote', '[a]\nb=`` ; secret\n'],
  ['text behind a section name', '[a] secret\nb=c\n'],
])('what no one would encrypt does not stay in the text: %s', async (_, source) => {
  expect(await rewritten(source, 'ini')).toBeUndefined()
})

const old = `${block.replace('\n', '\nolder = 1\n')}
[a]
b = <X>
`

test('a section of metadata stays where it stands', () => {
  const document = parse(old, true)
  const changed = { branches: document.branches, metadata: { ...metadata, mac: 'ENC[new]' } }
  expect(text(iniStore.rewrite(document, changed))).toBe(old.replace('ENC[mac]', 'ENC[new]'))
})

test.each([
  ['at the top', old, '[a]\nb = <X>\n'],
  ['at the end', `[a]\nb=<X>\n\n${block}`, '[a]\nb=<X>\n'],
  ['in the middle', `a=<X>\n\n${block}\n; c\n[d]\ne=f\n`, 'a=<X>\n\n; c\n[d]\ne=f\n'],
  ['with a comment', `a=<X>\n\n; of sops\n${block}`, 'a=<X>\n'],
])('the section of metadata is taken away: %s', (_, source, clear) => {
  const document = parse(source, true)
  expect(text(iniStore.rewrite(document, { branches: document.branches }))).toBe(clear)
})

test('a further recipient writes the section anew, where it stood', () => {
  const document = parse(old, true)
  const age = { type: 'age', recipient: 'age1y', enc: 'other' } as const
  const groups = [[...metadata.groups[0]!, age]]
  const changed = { branches: document.branches, metadata: { ...metadata, groups } }
  const lines = 'age__list_1__map_enc       = other\nage__list_1__map_recipient = age1y\nlastmodified'
  expect(text(iniStore.rewrite(document, changed))).toBe(
    `${block.replace('lastmodified', lines)}\n[a]\nb = <X>\n`,
  )
})

test('an edited text gets the section of the file it was decrypted from', () => {
  const like = parse(old, true)
  const edited = parse('[c]\nd=y\n', false)
  const changed = { branches: marked(edited.branches), metadata: { ...metadata, mac: 'ENC[new]' } }
  expect(text(iniStore.rewrite(edited, changed, { like }))).toBe(
    `[c]\nd=<Y>\n\n${old.slice(0, old.indexOf('\n[a]')).replace('ENC[mac]', 'ENC[new]')}`,
  )
})

test('the metadata of sops 3.13.0, with line ends in triple quotes, is read and edited', () => {
  const source = `[a]\nb=<X>\n\n${block.replace('wrapped\\n', '"""wrapped\n"""')}`
  const document = parse(source, true)
  expect(document.metadata).toEqual(metadata)
  const changed = { branches: document.branches, metadata: { ...metadata, mac: 'ENC[new]' } }
  expect(text(iniStore.rewrite(document, changed))).toBe(source.replace('ENC[mac]', 'ENC[new]'))
})

test('a nameless key stays readable where it stands, and is not written where sops would lose it', async () => {
  const source = '[a]\n- = x\n- = y\n'
  expect(await rewritten(source, 'ini')).toContain('[a]\n- = <X>\n- = <Y>\n')
  const { branches } = parse(source, false)
  expect(() => iniStore.emit({ branches, metadata })).toThrow('read as something else')
})

test.each<[string, string, number, number]>([
  ['[a]\nsecret\n', 'expected KEY = VALUE', 2, 2],
  ['[secret\n', 'expected ]', 2, 1],
  ['[]\n', 'expected the name', 2, 1],
  ['[a]\n= secret\n', 'expected a key', 2, 2],
  ['"" = secret\n', 'expected a key', 2, 1],
  ['"secret = 1\n', 'closing quote of a key', 2, 1],
  ['a=1\nb = """secret\n\n', 'closing quote of a value', 2, 2],
  ['a=1\n[sops]\nb=2\n', 'sops', 203, 2],
])('clear INI %j is refused: %s', (source, message, sopsCode, line) => {
  const error = refused(source, false)
  expect(error).toMatchObject({ sopsCode, findings: [{ file: 'x.ini', line }] })
  expect(error.message).toContain(message)
  expect(error.message).not.toContain('secret')
})

test.each<[string, string, number]>([
  [`${block}${block}`, 'more than once', 1],
  ['a=1\n[sops]\nage__list_1__map_enc=x\n', 'damaged', 2],
  ['a=1\n[sops]\nversion=x\n', 'no key', 2],
])('encrypted INI %j is refused: %s', (source, message, line) => {
  expect(refused(source, true)).toMatchObject({ sopsCode: 1, findings: [{ file: 'x.ini', line }] })
  expect(refused(source, true).message).toContain(message)
})

test('a file without a section of metadata is clear text', () => {
  expect(parse('[a]\nb=1\n', true).metadata).toBeUndefined()
  expect(parse('[a]\nb=1\n[sops]\n', true).metadata).toBeUndefined()
})

test('INI has sections of values, and nothing else', () => {
  const emit = (value: Parameters<typeof entry>[1]) => () =>
    iniStore.emit({ branches: [map([entry('a', value)])] })
  expect(emit(leaf('x'))).toThrow('a is not a section but a leaf')
  expect(emit(map([entry('b', map())]))).toThrow('value of a.b is a map')
  expect(emit(map([entry('', leaf('x'))]))).toThrow('a key of a has no name')
})

test('of several comments behind a key, and above the sections, one or none is written, as by sops', () => {
  const items = [comment('of a'), entry('b', leaf('1')), comment('x'), comment('y'), entry('c', leaf('2'))]
  const branches = [map([comment('lost'), entry('a', map(items))])]
  expect(text(iniStore.emit({ branches }))).toBe('; of a\n[a]\n; y\nb = 1\nc = 2\n')
})

test('values of all types are written as sops writes them', async () => {
  const json =
    '{"a":{"b":1,"c":1.5,"d":1e6,"e":true,"f":null,"g":" x ","h":"a;b","i":"a`b","j":"x\\ny","k":"","l=m":"n"}}'
  const sealed = await sealedBySops(json, { type: 'json' })
  const { clear } = await openedByUs(sealed, 'json')
  expect(text(iniStore.emit({ branches: clear }))).toBe(
    String(await openedBySops(sealed, { type: 'json', to: 'ini' })),
  )
})

test('a hundred thousand lines are no trap: keys of one section, or an open quote', () => {
  const keys = Array.from({ length: 100_000 }, (_, index) => `k${index}=v\n`).join('')
  expect(parse(keys, false).branches[0]!.items).toHaveLength(1)
  expect(refused(`a=\`x\n${'y\n'.repeat(100_000)}`, false).message).toContain('closing quote')
})

test('a hundred thousand blank lines are no trap either', async () => {
  const source = `a=x\n${'\n'.repeat(100_000)}b=y\n`
  expect(await thereAndBack(source, 'ini')).toBe(source)
})

function parse(source: string, encrypted: boolean) {
  return iniStore.parse(Buffer.from(source), { file: 'x.ini', encrypted })
}

function text(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString()
}

function refused(source: string, encrypted: boolean): SecretError {
  try {
    parse(source, encrypted)
  } catch (error) {
    return error as SecretError
  }
  return expect.fail('it was read')
}
