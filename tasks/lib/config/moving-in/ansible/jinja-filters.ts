import type { Place } from '../../../cli/errors.ts'
import { type Placed, settingsOf, textOf } from './placed.ts'

type Filter = (value: Placed | undefined, given: (Placed | undefined)[], place: Place) => Placed | undefined

const fallback: Filter = (value, [other, alsoEmpty]) => {
  const isEmpty = alsoEmpty?.content === true && (!value?.content || value.content === '')
  return value === undefined || isEmpty ? other : value
}

/** The filters that the old toolkit's variables use, by name. */
export const filters: Readonly<Record<string, Filter | undefined>> = {
  default: fallback,
  d: fallback,
  combine: (value, given, place) => {
    const maps = [value, ...given].map(settingsOf)
    if (maps.some((map) => !map)) return undefined
    return { place, content: new Map(maps.flatMap((map) => [...map!])) }
  },
  first: (value) => (Array.isArray(value?.content) ? value.content[0] : undefined),
  last: (value) => (Array.isArray(value?.content) ? value.content.at(-1) : undefined),
  string: text((content) => content),
  lower: text((content) => content.toLowerCase()),
  upper: text((content) => content.toUpperCase()),
  trim: text((content) => content.trim()),
  int: text((content) => (/^-?[0-9]+$/.test(content) ? Number(content) : 0)),
  bool: text((content) => /^(yes|on|true|1)$/i.test(content)),
}

function text(change: (content: string) => string | number | boolean): Filter {
  return (value, _given, place) => {
    const content = textOf(value)
    return content === undefined ? undefined : { place, content: change(content) }
  }
}
