import fc from '../../support/fast-check.ts'

// Everything between lines where go-yaml decides to whom a comment belongs: indentation, gaps, what follows.
const aboveLine = fc.constantFrom(
  '',
  '',
  '',
  '\n',
  '# a\n',
  '# b\n# c\n',
  '# d\n\n# e\n',
  '\n# f\n\n',
  '  # g\n',
  '      # h\n',
)
const atTheLeft = fc.constantFrom('', '', '', '', '# i\n', '\n# j\n', '# k\n\n')
const inline = fc.constantFrom('', '', '', ' # l', '   #m')
const scalar = fc.constantFrom(
  ...[
    'x',
    '12',
    '1.5',
    'true',
    '~',
    "'q'",
    '"d\\n"',
    'a b',
    '0x1f',
    '2024-01-02',
    '[]',
    '{a: b}',
    '[1, # n\n{}  2]',
  ],
  ...[
    '&p v',
    '!t v',
    '',
    'over\n{}  lines',
    '{a: b, # o\n{}  c: d\n{}  # p\n{}  }',
    '|\n{}  x\n{}  y',
    '>-\n{}  x\n\n',
  ],
)

type Lines = (indent: string) => string

const { map } = fc.letrec<{ map: Lines; list: Lines; value: Lines }>((tie) => ({
  map: fc
    .array(fc.tuple(aboveLine, atTheLeft, tie('value')), { minLength: 1, maxLength: 3 })
    .chain((entries) => aboveLine.map((below) => mapText(entries, below))),
  list: fc
    .array(fc.tuple(aboveLine, atTheLeft, tie('value'), fc.boolean()), { minLength: 1, maxLength: 3 })
    .chain((entries) => aboveLine.map((below) => listText(entries, below))),
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.tuple(scalar, inline).map(
      ([text, behind]): Lines =>
        (indent) =>
          scalarText(text, { behind, indent }),
    ),
    fc.tuple(inline, fc.constantFrom('  ', '    '), tie('map')).map(
      ([behind, deeper, inner]): Lines =>
        (indent) =>
          `${behind}\n${inner(indent + deeper)}`,
    ),
    fc.tuple(inline, fc.constantFrom('', '  ', '    '), tie('list')).map(
      ([behind, deeper, inner]): Lines =>
        (indent) =>
          `${behind}\n${inner(indent + deeper)}`,
    ),
  ),
}))

function mapText(entries: [string, string, Lines][], below: string): Lines {
  return (indent) => {
    const lines = entries.map(
      ([above, left, value], at) => `${indented(above, indent)}${left}${indent}k${at}:${value(indent)}`,
    )
    return lines.join('') + indented(below, indent)
  }
}

// The entry of a list is on the line of its dash, or below it.
function listText(entries: [string, string, Lines, boolean][], below: string): Lines {
  return (indent) => {
    const lines = entries.map(([above, left, value, isCompact]) => {
      const text = value(`${indent}  `)
      const entry = isCompact ? text.replace(/^\n +(?=\S)/, ' ') : text
      return `${indented(above, indent)}${left}${indent}-${entry}`
    })
    return lines.join('') + indented(below, indent)
  }
}

function scalarText(text: string, { behind, indent }: { behind: string; indent: string }): string {
  const isBlock = /^[|>]/.test(text)
  return ` ${text.replaceAll('{}', text.startsWith('{}') ? '{}' : indent)}${isBlock ? '' : behind}\n`
}

function indented(lines: string, indent: string): string {
  return lines.replaceAll(/^(?=.)/gm, indent)
}

/** Maps and lists with whatever comments, blanks and scalars, in whatever order and depth: what nobody writes too. */
export const anyYaml = fc
  .tuple(
    fc.array(map, { minLength: 1, maxLength: 3 }),
    fc.constantFrom('---\n', '--- # q\n', '...\n---\n'),
    fc.boolean(),
  )
  .map(([maps, between, isWindows]) => {
    const joined = maps.map((lines) => lines('')).join(between)
    return isWindows ? joined.replaceAll('\n', '\r\n') : joined
  })
