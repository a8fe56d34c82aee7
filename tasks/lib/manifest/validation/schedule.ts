const parts = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, words: 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ') },
  { name: 'day of the week', min: 0, max: 6, words: 'sun mon tue wed thu fri sat'.split(' ') },
]
type Part = (typeof parts)[number]

/** What is wrong with a CronJob's schedule in cron's standard form, as the controller reads it; undefined when nothing. */
export function scheduleProblem(schedule: string): string | undefined {
  if (/TZ/.test(schedule)) return 'a time zone stands in timeZone, not in the schedule'
  if (schedule.startsWith('@')) return descriptorProblem(schedule)
  const fields = schedule.trim().split(/\s+/)
  if (fields.length !== parts.length) return `expected ${parts.length} fields, found ${fields.length}`
  for (const [index, part] of parts.entries()) {
    for (const range of fields[index]!.split(',').filter(Boolean)) {
      if (!isRange(range, part))
        return `expected ${part.min} to ${part.max} as the ${part.name}, found ${range || 'nothing'}`
    }
  }
  return undefined
}

function descriptorProblem(schedule: string): string | undefined {
  if (/^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/.test(schedule)) return undefined
  if (/^@every (\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/.test(schedule)) return undefined
  return 'expected @yearly, @monthly, @weekly, @daily, @hourly or @every 1h30m'
}

/** "*", "?", "5", "1-5", "*" or a range with "/step". */
function isRange(text: string, part: Part): boolean {
  const [range = '', step, ...more] = text.split('/')
  if (more.length > 0 || (step !== undefined && !(/^\d+$/.test(step) && Number(step) > 0))) return false
  if (range === '*' || range === '?') return true
  const [from, to, ...rest] = range.split('-').map((bound) => numberOf(bound, part))
  if (rest.length > 0 || from === undefined || !isWithin(from, part)) return false
  return to === undefined ? !range.includes('-') : isWithin(to, part) && from <= to
}

function numberOf(text: string, { words }: Part): number {
  if (/^\d+$/.test(text)) return Number(text)
  const index = words?.indexOf(text.toLowerCase()) ?? -1
  if (index < 0) return Number.NaN
  return words!.length === 12 ? index + 1 : index
}

const isWithin = (value: number, { min, max }: Part) => value >= min && value <= max
