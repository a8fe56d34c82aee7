/** A word as a POSIX shell reads it back unchanged: plain words stay as they are, it's becomes 'it'\''s'. */
export function quote(word: string): string {
  if (/^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/.test(word)) return word
  return `'${word.replaceAll("'", "'\\''")}'`
}

/** A command line for a shell, or for people. */
export function quoteAll(argv: readonly string[]): string {
  return argv.map(quote).join(' ')
}
