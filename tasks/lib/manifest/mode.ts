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
  return asked ?? headComment(file.text) ?? (file.thirdParty ? 'none' : 'strict')
}

// The head ends with the first line that is neither empty, a comment nor `---`.
function headComment(text: string): Mode | undefined {
  const [head] = /^(?:\uFEFF)?(?:[ \t]*(?:#.*|---[ \t]*(?:#.*)?)?\r?\n)*/.exec(text)!
  const [, mode] =
    /^[ \t]*#[ \t]*tasks:[ \t]*subst=(strict|declared|none|text)[ \t]*$/m.exec(head.replaceAll('\r', '')) ??
    []
  return mode as Mode | undefined
}
