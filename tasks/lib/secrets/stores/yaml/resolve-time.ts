const shape =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:[.,](\d+))?(Z|[-+]\d\d:\d\d)| +(\d\d?):(\d\d?):(\d\d?)(?:[.,](\d+))?)?$/

/** A point in time, in the four forms that go-yaml takes for one, as RFC 3339; undefined for any other text. */
export function timestampText(text: string): string | undefined {
  const found = shape.exec(text)
  if (!found) return undefined
  const [, year, month, day, ...rest] = found
  const [hour = '0', minute = '0', second = '0', fraction = ''] = rest[0] === undefined ? rest.slice(5) : rest
  const zone = rest[4] ?? 'Z'
  const isDate = daysIn(Number(year), Number(month)) >= Number(day) && Number(day) > 0
  if (!isDate || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  if (zone !== 'Z' && (Number(zone.slice(1, 3)) > 23 || Number(zone.slice(4)) > 59)) return undefined
  const [months, days, hours, minutes, seconds] = [month, day, hour, minute, second].map(two)
  return `${year}-${months}-${days}T${hours}:${minutes}:${seconds}${nanoseconds(fraction)}${zoneText(zone)}`
}

function daysIn(year: number, month: number): number {
  if (month < 1 || month > 12) return 0
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
}

function two(digits = ''): string {
  return digits.padStart(2, '0')
}

function nanoseconds(fraction: string): string {
  const digits = fraction.slice(0, 9).replace(/0+$/, '')
  return digits && `.${digits}`
}

function zoneText(zone: string): string {
  return zone.endsWith('00:00') ? 'Z' : zone
}
