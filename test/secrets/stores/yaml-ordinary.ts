import fc from '../../support/fast-check.ts'

/** How a file is laid out throughout. */
interface Layout {
  step: string
  /** How much further the - of a list is indented than its key. */
  dash: string
  /** What parts the groups of a file. */
  gap: string
}

type Write = (indent: string, layout: Layout) => string

const words = fc.constantFrom(
  'user name',
  'commented-out: value',
  'TODO: rotate',
  'see https://example.org/a#b',
  '----------',
  'ä ö',
)
const commentLine = fc
  .tuple(fc.constantFrom('# ', '# ', '#', '## '), words)
  .map(([sign, text]) => `${sign}${text}`)
const comments = fc.array(commentLine, { minLength: 1, maxLength: 3 })

// What stands above an entry: mostly nothing, else a blank line, comments, or comments set off by blank lines.
const above: fc.Arbitrary<Write> = fc.oneof(
  { weight: 10, arbitrary: fc.constant<Write>(() => '') },
  { weight: 2, arbitrary: fc.constant<Write>((_, { gap }) => gap) },
  { weight: 3, arbitrary: comments.map(commentsAbove) },
  {
    weight: 1,
    arbitrary: comments.map<Write>(
      (lines) => (indent, layout) => layout.gap + commentsAbove(lines)(indent, layout),
    ),
  },
  {
    weight: 1,
    arbitrary: comments.map<Write>(
      (lines) => (indent, layout) => layout.gap + commentsAbove(lines)(indent, layout) + layout.gap,
    ),
  },
  { weight: 1, arbitrary: comments.map<Write>((lines) => (_, layout) => commentsAbove(lines)('', layout)) },
)

const behind = fc.oneof(
  { weight: 5, arbitrary: fc.constant('') },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(' ', '  ', '   '), commentLine).map((parts) => parts.join('')),
  },
)

const below: fc.Arbitrary<Write> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Write>(() => '') },
  { weight: 1, arbitrary: comments.map(commentsAbove) },
)

function commentsAbove(lines: string[]): Write {
  return (indent) => lines.map((line) => `${indent}${line}\n`).join('')
}

const oneLine = fc.constantFrom(
  ...['plain', 'two words', 'aGVsbG8=', 'p@ss:w0rd!', 'a#b', 'https://example.org:443/x?y=z', '8080', '0644'],
  ...['1.5', '-7', 'true', 'false', 'yes', 'null', '~', '2024-01-02', '2024-01-02T03:04:05Z', '10.0.0.1/8'],
  ...[
    '"quoted"',
    '"tab\\tand \\"quotes\\""',
    "'single'",
    "'it''s'",
    '"123"',
    "'true'",
    '""',
    "''",
    '"a\\nb"',
  ],
  ...[
    '[]',
    '{}',
    '[a, b]',
    '["a", 1, true]',
    '{a: b, c: "d"}',
    '{name: x, ports: [80, 443]}',
    'ä🎉',
    '$VAR',
    '',
  ],
)

const blockLines = fc.constantFrom(
  ['-----BEGIN PRIVATE KEY-----', 'MIIE', '-----END PRIVATE KEY-----'],
  ['a = 1', '', '[section]', '  indented = yes', '# not a comment'],
  ['{', '  "auths": {}', '}'],
  ['one line'],
  ['#!/bin/sh', 'echo "$1"', ''],
)

const block: fc.Arbitrary<Write> = fc
  .tuple(fc.constantFrom('|', '|', '|-', '>', '>-', '|+'), behind, blockLines)
  .map(
    ([sign, comment, lines]): Write =>
      (indent, { step }) =>
        ` ${sign}${comment}\n${lines.map((line) => (line === '' ? '\n' : `${indent}${step}${line}\n`)).join('')}`,
  )

const scalar: fc.Arbitrary<Write> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(oneLine, behind).map(
      ([text, comment]): Write =>
        () =>
          `${text === '' ? '' : ` ${text}`}${comment}\n`,
    ),
  },
  { weight: 1, arbitrary: block },
)

const key = fc.constantFrom(
  ...[
    'name',
    'password',
    'PASSWORD',
    'api-key',
    'tls.crt',
    'config.yaml',
    '.dockerconfigjson',
    'image',
    'env',
  ],
  ...['replicas', 'hosts', '"quoted key"', 'a b', 'labels', 'app.kubernetes.io/name', 'x_unencrypted'],
)

type Shapes = {
  map: Write
  list: Write
  value: Write
}

const { map } = fc.letrec<Shapes>((tie) => ({
  map: fc
    .uniqueArray(fc.tuple(key, above, tie('value')), {
      selector: ([name]) => name,
      minLength: 1,
      maxLength: 4,
    })
    .chain((entries) => below.map((end) => mapText(entries, end))),
  list: fc
    .array(fc.tuple(above, fc.oneof({ weight: 2, arbitrary: scalar }, tie('map').map(compact))), {
      minLength: 1,
      maxLength: 3,
    })
    .chain((items) => below.map((end) => listText(items, end))),
  value: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    { weight: 4, arbitrary: scalar },
    {
      weight: 2,
      arbitrary: fc.tuple(behind, tie('map')).map(
        ([comment, inner]): Write =>
          (indent, layout) =>
            `${comment}\n${inner(indent + layout.step, layout)}`,
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(behind, tie('list')).map(
        ([comment, inner]): Write =>
          (indent, layout) =>
            `${comment}\n${inner(indent + layout.dash, layout)}`,
      ),
    },
  ),
}))

function mapText(entries: [string, Write, Write][], end: Write): Write {
  return (indent, layout) =>
    entries
      .map(([name, before, value]) => `${before(indent, layout)}${indent}${name}:${value(indent, layout)}`)
      .join('') + end(indent, layout)
}

function listText(items: [Write, Write][], end: Write): Write {
  return (indent, layout) =>
    items.map(([before, item]) => `${before(indent, layout)}${indent}-${item(indent, layout)}`).join('') +
    end(indent, layout)
}

// A map as the item of a list: its first key stands behind the dash.
function compact(inner: Write): Write {
  return (indent, layout) => {
    const text = inner(`${indent}  `, layout)
    return text.startsWith(`${indent}  `) && !text.trimStart().startsWith('#')
      ? ` ${text.trimStart()}`
      : `\n${text}`
  }
}

const secret: fc.Arbitrary<Write> = fc.tuple(fc.constantFrom('data', 'stringData'), map, above, above).map(
  ([name, inner, first, second]): Write =>
    (indent, layout) =>
      [
        `apiVersion: v1\nkind: Secret\n${first(indent, layout)}metadata:\n${layout.step}name: x\n`,
        `${layout.step}namespace: default\n${second(indent, layout)}type: Opaque\n`,
        `${name}:\n${inner(layout.step, layout)}`,
      ].join(''),
)

const start = fc.tuple(
  fc.constantFrom('', '', '---\n'),
  fc.oneof(
    fc.constant<Write>(() => ''),
    comments.map(commentsAbove),
  ),
)

/** Files as people write them: Secrets of Kubernetes, values, settings, with comments, blank lines and blocks. */
export const ordinaryYaml: fc.Arbitrary<string> = fc
  .record({
    start,
    documents: fc.oneof(
      { weight: 5, arbitrary: fc.tuple(fc.oneof(map, secret)) },
      { weight: 1, arbitrary: fc.tuple(fc.oneof(map, secret), fc.oneof(map, secret)) },
    ),
    step: fc.constantFrom('  ', '  ', '    '),
    isDashIndented: fc.boolean(),
    gap: fc.constantFrom('\n', '\n', '\n\n'),
    end: fc.constantFrom('\n', '\n', '\n', '', '\n\n'),
    isWindows: fc.constantFrom(false, false, false, true),
  })
  .map(({ start: [mark, head], documents, step, isDashIndented, gap, end, isWindows }) => {
    const layout = { step, dash: isDashIndented ? step : '', gap }
    const bodies = documents.map((write) => write('', layout))
    const text = (mark + head('', layout) + bodies.join('---\n')).replace(/\n$/, end)
    return isWindows ? text.replaceAll('\n', '\r\n') : text
  })
