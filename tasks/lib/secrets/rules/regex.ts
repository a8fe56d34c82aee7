/** A regular expression in Go's RE2 syntax, searched unanchored. Throws a plain Error where RE2 would refuse it. */
export function compileRegex(pattern: string): (text: string) => boolean {
  const regex = new RegExp(pattern, 'u')
  return (text) => regex.test(text)
}
