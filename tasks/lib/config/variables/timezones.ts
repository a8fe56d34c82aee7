/** True for a name of the time zone database in its own spelling, a POSIX rule, or a file (":/etc/localtime"). */
export function isTimezone(text: string): boolean {
  if (text === '' || text.startsWith(':') || text.startsWith('/')) return true
  if (/^[A-Za-z]{3,}[-+]?[0-9][-+0-9A-Za-z:,./]*$/.test(text)) return true
  const spelling = timezones().find((name) => name.toLowerCase() === text.toLowerCase())
  return spelling ? spelling === text : isAlias(text)
}

/** Every time zone name to suggest from. */
export function timezones(): string[] {
  return ['UTC', 'GMT', ...Intl.supportedValuesOf('timeZone')]
}

// Older names (US/Pacific, Asia/Calcutta) are known to Intl but not listed by it.
function isAlias(text: string): boolean {
  if (!/^[A-Z][A-Za-z_]*(\/[A-Z][-A-Za-z_]*)*$/.test(text)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return true
  } catch {
    return false
  }
}
