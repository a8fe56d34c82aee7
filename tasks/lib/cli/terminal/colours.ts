const codes = { red: 31, green: 32, yellow: 33, cyan: 36, bold: 1, dim: 2 }

export type Colour = keyof typeof codes

/** Puts text in a colour, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string

/** Colours for a terminal, or none. */
export function painter(coloured: boolean): Paint {
  if (!coloured) return (_, text) => text
  return (colour, text) => (text === '' ? text : `\x1b[${codes[colour]}m${text}\x1b[0m`)
}

/** Whether the environment lets a terminal show moving lines and colours. */
export function mayColour(environment: Readonly<Record<string, string | undefined>>): boolean {
  const { NO_COLOR, CI, TERM } = environment
  const inCi = CI !== undefined && !['', '0', 'false'].includes(CI)
  return !NO_COLOR && !inCi && TERM !== 'dumb'
}
