/** A path as /etc/fstab and mountinfo write it: blanks and backslashes as octal numbers. Source: fstab(5). */
export function escaped(path: string): string {
  return path.replace(/[\\\s]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

/** The path that such a text stands for. */
export function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}

/** Without slashes at its end; "/" stays. */
export function withoutSlash(path: string): string {
  return path.replace(/(?<=.)\/+$/, '')
}
