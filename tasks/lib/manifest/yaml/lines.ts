import { lastAtOrBelow } from '../substitute/placeholders.ts'

/** Turns offsets of a text into 1-based lines and columns; the text is read when the first place is asked for. */
export function lineIndex(text: string): (offset: number) => { line: number; column: number } {
  let starts: number[] | undefined
  return (offset) => {
    starts ??= lineStarts(text)
    const line = lastAtOrBelow(starts, offset)
    return { line: line + 1, column: offset - starts[line]! + 1 }
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
