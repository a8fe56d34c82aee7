import { describe, expect, it } from 'vitest'
import { head, load, spec, variables } from './support/load.ts'

const values = {
  NAME: 'web',
  PORT: '8080',
  EMPTY: '',
  OCTAL: '0644',
  WORD: 'yes',
  SPACED: '  7 ',
  REFERENCE: '$NAME ${PORT}',
}

describe('a declared name is substituted', () => {
  it.each([
    ['a: $NAME', { a: 'web' }],
    ['a: ${NAME}s', { a: 'webs' }],
    ['a: $NAME-$PORT.x', { a: 'web-8080.x' }],
    ['a: { port: $PORT, b: [$PORT, "$PORT", ${PORT}] }', { a: { port: 8080, b: [8080, '8080', 8080] } }],
    ['$NAME: 1', { web: 1 }],
    ['{ ${NAME}-x: 1, "$PORT": 2 }', { 'web-x': 1, '8080': 2 }],
    ['$PORT: ns/svc:$PORT', { '8080': 'ns/svc:8080' }],
    ['? $NAME\n: 1', { web: 1 }],
    ['a: |\n  $NAME\n    $PORT', { a: 'web\n  8080\n' }],
    ['a: >-\n  $NAME\n  $PORT', { a: 'web 8080' }],
    ['a: $NAME\n  $PORT', { a: 'web 8080' }],
    ['a: &x $PORT\nb: *x', { a: 8080, b: 8080 }],
    ['# $UNDECLARED\na: 1 # ${UNDECLARED:?}', { a: 1 }],
    ['a: $REFERENCE', { a: '$NAME ${PORT}' }],
    ['a: !!str $PORT\nb: !!int "$PORT"', { a: '8080', b: 8080 }],
  ])('%j', (text, expected) => {
    expect(spec(text, values)).toEqual(expected)
  })
})

describe('a plain scalar is trimmed and typed after substitution, a quoted one stays a string', () => {
  it.each([
    ['a: $OCTAL\nb: "$OCTAL"\nc: \'$OCTAL\'', { a: 420, b: '0644', c: '0644' }],
    ['a: $WORD\nb: "$WORD"\nc: x$WORD', { a: true, b: 'yes', c: 'xyes' }],
    ['a: $SPACED\nb: "$SPACED"', { a: 7, b: '  7 ' }],
    ['a: $EMPTY\nb: "$EMPTY"\nc: x$EMPTY\nd: |\n  $EMPTY', { a: null, b: '', c: 'x', d: '\n' }],
    ['- $EMPTY\n- [$EMPTY]', [null, [null]]],
    ['a: -$PORT\nb: 0x$PORT\nc: $PORT$PORT$PORT$PORT$PORT', { a: -8080, b: 32896, c: 80808080808080800000 }],
  ])('%j', (text, expected) => {
    expect(spec(text, values)).toEqual(expected)
  })

  it('a key that becomes null is an error', () => {
    expect(spec('$EMPTY: 1', values)).toBe('error: web.yaml:5:3: a key must not be null')
  })

  it('keys that become equal are an error that names both lines', () => {
    expect(spec('web: 1\n$NAME: 2', values)).toBe(
      'error: web.yaml:6:3: the key "web" stands twice in this map: first in line 5',
    )
  })
})

describe('a value cannot change the structure', () => {
  it.each([
    '[a, b]',
    '"q"',
    "'q'",
    'a #b',
    'a: b',
    '{x: 1}',
    '- a',
    '*x',
    '&x',
    '!t',
    '|',
    '>',
    '%',
    '@',
    '`',
    'a\nb: c',
    '---',
    '<<',
    '\uE000' + '0\uE001',
    '$$',
    '\t',
  ])('%j', (value) => {
    const text = 'a: $V\nb: "$V"\nc: x$V\nd: { e: $V }\n"f$V": 1'
    const plain = value.trim() === '' ? null : value.trim()
    const expected = { a: plain, b: value, c: `x${value}`.trimEnd(), d: { e: plain }, [`f${value}`]: 1 }
    expect(spec(text, { V: value })).toEqual(expected)
  })

  it('and characters that a file has for itself are no references', () => {
    expect(spec('a: "\uE000"\nb: \uE0000\uE001 $V\n"\uE0001\uE001": 1', { V: 'x' })).toEqual({
      a: '\uE000',
      b: '\uE0000\uE001 x',
      '\uE0001\uE001': 1,
    })
  })

  it('except where !yaml asks for it', () => {
    expect(spec('a: !yaml ${V}', { V: '[1, { b: yes }]' })).toEqual({ a: [1, { b: true }] })
    expect(spec('a: !yaml "$V"', { V: 'x: $NAME' })).toEqual({ a: { x: '$NAME' } })
    expect(spec('a: !yaml $V', { V: '' })).toEqual({ a: null })
  })

  it('and an error in what !yaml inserts points at the manifest', () => {
    expect(spec('a: !yaml $V', { V: '[1' })).toMatch(
      /^error: web\.yaml:5:12: in the text that !yaml inserts: /,
    )
    expect(spec('a: !yaml $V', { V: 'a: 1\na: 2' })).toMatch(
      /^error: web\.yaml:5:12: .*the key "a" stands twice/,
    )
  })
})

describe('operators mean what they mean in a shell', () => {
  it.each([
    ['a: ${NAME:-d} ${EMPTY:-d} ${UNSET:-d}', { a: 'web d d' }],
    ['a: ${NAME-d}|${EMPTY-d}|${UNSET-d}', { a: 'web||d' }],
    ['a: ${NAME:+x}|${EMPTY:+x}|${UNSET:+x}|', { a: 'x|||' }],
    ['a: ${NAME+x}|${EMPTY+x}|${UNSET+x}|', { a: 'x|x||' }],
    ['a: ${NAME:?must be set}', { a: 'web' }],
    ['a: ${UNSET:-${NAME}-$PORT}', { a: 'web-8080' }],
    ['a: ${UNSET:-8080}', { a: 8080 }],
    ['a: ${UNSET:-a: b #c}', { a: 'a: b #c' }],
    ['a: "${UNSET:-say \\"hi\\"\\n}"', { a: 'say "hi"\n' }],
    ["a: '${UNSET:-it''s}'", { a: "it's" }],
  ])('%j', (text, expected) => {
    expect(spec(text, values)).toEqual(expected)
  })

  it(':? refuses with its message', () => {
    const message = (name: string) => `error: web.yaml:5:6: $${name} is not set or empty: needed for $NAME`
    expect(spec('a: ${UNSET:?needed for \\$NAME}'.replace('\\', '$'), values)).toBe(message('UNSET'))
    expect(spec('a: ${EMPTY:?needed for $$NAME}', values)).toBe(message('EMPTY'))
  })
})

describe('a dollar sign that is no reference is left alone', () => {
  it.each(['$1', '$(NAME)', '$$(NAME)', '$[', '$$', 'a$', '${NAME', '${1}', '${NAME:=d}'])('%s', (text) => {
    expect(spec(`a: '${text}'`, values)).toEqual({ a: text })
  })

  it.each([
    ['$$NAME', '$NAME'],
    ['$${NAME}', '${NAME}'],
    ['$$UNDECLARED', '$UNDECLARED'],
    ['$$$NAME', '$$NAME'],
  ])('%s stands for the text %s', (text, expected) => {
    expect(spec(`a: "${text}"`, values)).toEqual({ a: expected })
  })
})

describe('an undeclared name', () => {
  it('is an error in our own manifests', () => {
    expect(spec('a: $NAM', values)).toBe('error: web.yaml:5:6: $NAM is not set: declared nowhere')
  })

  it('is literal text between {{ and }}, where declared names are substituted all the same', () => {
    expect(spec('a: "{{ $labels.pod }} on $NAME {{ $NAME }}{{ ${x:-y} }}"', values)).toEqual({
      a: '{{ $labels.pod }} on web {{ web }}{{ ${x:-y} }}',
    })
    expect(spec('a: "{{ x }} $labels"', values)).toMatch(/\$labels is not set/)
  })

  it('takes its value from the environment, and a note says so', () => {
    const environment = variables({ HOME: '/root' })
    const { objects, lines } = load(`${head}spec: { a: $HOME, b: $HOME }\n`, {}, { environment })
    expect(objects[0]!.object.spec).toEqual({ a: '/root', b: '/root' })
    expect(lines).toEqual(['note: web.yaml:4:12: $HOME comes from the environment; no file declares it'])
  })
})

describe('modes', () => {
  const text = 'a: $NAME $OTHER ${OTHER:-d} ${OTHER:-$PORT} $$NAME $$OTHER'

  it.each([
    ['declared', 'web $OTHER ${OTHER:-d} ${OTHER:-8080} $NAME $$OTHER'],
    ['none', '$NAME $OTHER ${OTHER:-d} ${OTHER:-$PORT} $$NAME $$OTHER'],
    ['text', 'web $OTHER ${OTHER:-d} ${OTHER:-8080} $web $$OTHER'],
  ] as const)('%s', (mode, expected) => {
    expect(spec(text, values, { mode })).toEqual({ a: expected })
  })

  it('declared and none take nothing from the environment', () => {
    const environment = variables({ HOME: '/root' })
    expect(spec('a: $HOME', {}, { mode: 'declared', environment })).toEqual({ a: '$HOME' })
    expect(spec('a: $HOME', {}, { mode: 'none', environment })).toEqual({ a: '$HOME' })
  })

  it('text lets a value become structure, as envsubst did', () => {
    expect(spec('a: $V', { V: '[1, 2] # x' }, { mode: 'text' })).toEqual({ a: [1, 2] })
  })

  it.each([
    ['# tasks: subst=none\n', 'a: $UNSET', { a: '$UNSET' }],
    ['---\n# tasks: subst=declared\n\n', 'a: $UNSET', { a: '$UNSET' }],
    ['# one\n#tasks:subst=text \n', 'a: $V', { a: 1, b: 2 }],
  ])('the head comment %j chooses', (comment, field, expected) => {
    const { objects } = load(`${comment}${head}spec: { ${field} }\n`, { V: '1, b: 2' })
    expect(objects[0]!.object.spec).toEqual(expected)
  })

  it('a comment further down chooses nothing', () => {
    expect(load(`${head}# tasks: subst=none\nspec: $UNSET\n`).lines[0]).toMatch(/\$UNSET is not set/)
  })
})
