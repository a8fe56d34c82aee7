import type { Taken } from './reading.ts'

/** "  key: value # where from", or nothing where there is no value. */
export function field(indent: number, key: string, taken: Taken | undefined): string[] {
  return taken ? [`${' '.repeat(indent)}${key}: ${yamlText(taken.value)} # ${taken.from}`] : []
}

/** A heading and the lines below it, or nothing where there are none. */
export function block(heading: string, lines: string[]): string[] {
  return lines.length > 0 ? [heading, ...lines] : []
}

/** A text as YAML that cluster.yaml reads back unchanged: in single quotes where plain text would mean something else. */
export function yamlText(text: string): string {
  const isPlain = /^[A-Za-z0-9_./~@][-A-Za-z0-9_./~@:+]*$/.test(text) && !/:$|: /.test(text)
  const isWord = /^(true|false|yes|no|on|off|null|~|y|n)$/i.test(text)
  return isPlain && !isWord ? text : `'${text.replaceAll("'", "''")}'`
}
