const rfc3339 =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:[.,]\d+)?(?:Z|([+-](?:[01]\d|2[0-4]):[0-5]\d))$/

/**
 * An RFC 3339 time as Go prints it after reading: whole seconds, "Z" for an offset of zero, other offsets as they are.
 * undefined where it is none.
 */
export function goTime(text: string): string | undefined {
  const [, year, month, day, hour, minute, second, offset] = rfc3339.exec(text) ?? []
  if (year === undefined || !isDay(Number(year), Number(month), Number(day))) return undefined
  const zone = offset === undefined || /^[+-]00:00$/.test(offset) ? 'Z' : offset
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`
}

function isDay(...[year, month, day]: [year: number, month: number, day: number]): boolean {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

/** RFC 3339 in whole seconds, UTC, as sops writes times. */
export function secondsText(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z')
}
