/**
 * How a file is substituted. strict: the rules for our own manifests. declared: declared names, everything else is
 * literal. none: nothing. text: what envsubst makes of the text before it is parsed, for old files.
 */
export const modes = ['strict', 'declared', 'none', 'text'] as const
export type Mode = (typeof modes)[number]

/** A manifest's text and where it is from. */
export interface ManifestFile {
  /** As the operator would name it. */
  path: string
  text: string
  /** Written by others: not substituted unless the command or its head comment asks. */
  thirdParty?: boolean
}

/** The mode of a file: the command's, else its head comment's (`# tasks: subst=strict`), else by who wrote it. */
export function modeOf(file: ManifestFile, asked?: Mode): Mode {
  const said = headSetting(file.text, 'subst')
  return asked ?? modes.find((mode) => mode === said) ?? (file.thirdParty ? 'none' : 'strict')
}

/** What a file's head comment says: "db-$NAME" for `set` in `# tasks: subst=strict set=db-$NAME`. */
export function headSetting(text: string, name: 'subst' | 'set'): string | undefined {
  // The head ends with the first line that is neither empty, a comment nor `---`.
  const [head] = /^(?:\uFEFF)?(?:[ \t]*(?:#.*|---[ \t]*(?:#.*)?)?\r?\n)*/.exec(text)!
  const lines = head.matchAll(/^[ \t]*#[ \t]*tasks:[ \t]*(\w+=\S+(?:[ \t]+\w+=\S+)*)[ \t]*\r?$/gm)
  const words = [...lines].flatMap(([, settings]) => settings!.trim().split(/[ \t]+/))
  return words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1)
}
