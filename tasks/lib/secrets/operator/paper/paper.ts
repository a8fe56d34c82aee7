import { paperRows } from './paper-rows.ts'

/** A key as a page of text to print: the identity in rows that can be typed again, and how. */
export function paperCopy({
  identity,
  recipient,
  name,
  now,
}: {
  identity: string
  recipient: string
  name?: string
  now: Date
}): string {
  return page([
    `A PRIVATE KEY${name ? ` OF ${name}` : ''}: whoever has this paper reads every secret that it opens`,
    '',
    ...paperRows(identity),
    '',
    ...about(recipient, now),
    'To restore it, type the rows above, spaces and small letters as you like, then Ctrl-D:',
    '    tasks secrets:key --recover',
    'What stands behind each "=" tells a typing error in its row. Any program of age and sops reads the key',
    'too: without the spaces and the ends of the rows it is one line of ~/.config/sops/age/keys.txt.',
  ])
}

/** The three papers of a break-glass key, each for another place. */
export function sharePapers({
  shares,
  recipient,
  now,
}: {
  shares: string[]
  recipient: string
  now: Date
}): string[] {
  return shares.map((share, index) =>
    page([
      `BREAK-GLASS KEY, SHARE ${index + 1} OF ${shares.length}: two of them open every secret, one opens nothing`,
      '',
      ...paperRows(share),
      '',
      ...about(recipient, now),
      'Keep each share with somebody else. When every other key is lost, type the rows of two, then Ctrl-D:',
      '    tasks secrets:key --recover',
      'What stands behind each "=" tells a typing error in its row.',
    ]),
  )
}

function about(recipient: string, now: Date): string[] {
  const shown = recipient.length > 80 ? `${recipient.slice(0, 40)}…${recipient.slice(-12)}` : recipient
  return [`public part: ${shown}`, `printed on:  ${now.toISOString().slice(0, 10)}`, '']
}

function page(lines: string[]): string {
  const rule = '-'.repeat(100)
  return `${[rule, ...lines, rule].join('\n')}\n`
}
