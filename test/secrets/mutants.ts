/** Numbers from 0 up to 1 that are the same in every run: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Changes a file in one to three places, as an accident or somebody hostile would. */
export function mutant(original: Buffer, random: () => number): Buffer {
  let bytes = original
  for (let times = 1 + Math.floor(random() * 3); times > 0; times--)
    bytes = pick(mutations, random)(bytes, random)
  return bytes
}

type Mutation = (bytes: Buffer, random: () => number) => Buffer

const mutations: Mutation[] = [
  flipBit,
  flipBit,
  (bytes, random) => splice(bytes, { ...range(bytes, random), put: '' }),
  (bytes, random) => splice(bytes, { ...range(bytes, random), put: bytes.subarray(...place(bytes, random)) }),
  (bytes, random) => splice(bytes, { ...here(bytes, random), put: pick(tokens, random) }),
  (bytes, random) => splice(bytes, { ...here(bytes, random), put: pick(tokens, random) }),
  (bytes, random) => bytes.subarray(0, Math.floor(random() * bytes.length)),
  (bytes, random) => withLines(bytes, (lines) => void lines.splice(index(lines, random), 1)),
  (bytes, random) =>
    withLines(bytes, (lines) => void lines.splice(index(lines, random), 0, pick(lines, random))),
  (bytes, random) => withLines(bytes, (lines) => swap(lines, random)),
  (bytes, random) => withWords(bytes, (words) => swap(words, random)),
  (bytes, random) =>
    withWords(bytes, (words) => void words.splice(index(words, random), 1, pick(tokens, random))),
  (bytes, random) =>
    withWords(bytes, (words) => void words.splice(index(words, random), 1, pick(words, random))),
]

const tokens = [
  ...[
    '\0',
    '\n',
    '\r\n',
    '\t',
    ' ',
    '  ',
    '#',
    ': ',
    ':',
    '- ',
    '"',
    "'",
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    '=',
  ],
  ...['&a ', '*a', '!!int ', '!!binary ', '!x', '<<: ', '|\n', '>-\n', '---\n', '...\n', '%TAG ! a\n', '? '],
  ...['null', 'true', '0', '-1', '1e999', '99999999999999999999', '.inf', '0x', '2024-01-02', '~', '\ufeff'],
  ...[
    'sops',
    'sops:',
    'mac',
    'age',
    'pgp',
    'enc',
    'key_groups',
    'shamir_threshold: 255\n',
    '__proto__',
    'constructor',
  ],
  ...[
    'ENC[',
    'ENC[AES256_GCM,data:,iv:,tag:,type:str]',
    ',type:int]',
    ',type:comment]',
    ',iv:',
    '__list_9',
    '__map_',
  ],
  ...['-----BEGIN AGE ENCRYPTED FILE-----', '-----END PGP MESSAGE-----', '\u00e9', '\u2028', '\ud83c\udf89'],
]

function flipBit(bytes: Buffer, random: () => number): Buffer {
  const changed = Buffer.from(bytes)
  const { from } = here(bytes, random)
  if (from < changed.length) changed[from] = changed[from]! ^ (1 << Math.floor(random() * 8))
  return changed
}

function splice(
  bytes: Buffer,
  { from, to, put }: { from: number; to: number; put: string | Uint8Array },
): Buffer {
  return Buffer.concat([bytes.subarray(0, from), Buffer.from(put), bytes.subarray(to)])
}

function withLines(bytes: Buffer, change: (lines: string[]) => void): Buffer {
  return parted(bytes, { by: /(?<=\n)/, change })
}

function withWords(bytes: Buffer, change: (words: string[]) => void): Buffer {
  return parted(bytes, { by: /(?<=[\s,:=\]"])|(?=[\s,:=\]"])/, change })
}

// Latin-1 gives every byte a character, so that nothing changes that is not meant to.
function parted(bytes: Buffer, { by, change }: { by: RegExp; change(parts: string[]): void }): Buffer {
  const parts = bytes.toString('latin1').split(by)
  change(parts)
  return Buffer.from(parts.join(''), 'latin1')
}

function swap(parts: string[], random: () => number): void {
  const [a, b] = [index(parts, random), index(parts, random)]
  ;[parts[a], parts[b]] = [parts[b] ?? '', parts[a] ?? '']
}

function here(bytes: Buffer, random: () => number): { from: number; to: number } {
  const from = Math.floor(random() * (bytes.length + 1))
  return { from, to: from }
}

function range(bytes: Buffer, random: () => number): { from: number; to: number } {
  const { from } = here(bytes, random)
  return { from, to: from + Math.floor(random() * 40) }
}

function place(bytes: Buffer, random: () => number): [from: number, to: number] {
  const { from, to } = range(bytes, random)
  return [from, to]
}

function index(list: unknown[], random: () => number): number {
  return Math.floor(random() * list.length)
}

function pick<T>(list: T[], random: () => number): T {
  return list[index(list, random)]!
}
