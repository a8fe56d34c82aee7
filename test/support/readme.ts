/** Every `tasks NAME …` in code blocks and code spans: as it stands there, and its words after "tasks". */
export function readmeCommands(readme: string): [command: string, words: string[]][] {
  const blocks = [...readme.matchAll(/^ {4}(.+)$/gm)].map(([, line]) => line!)
  const spans = [...readme.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!)
  const found = [...blocks, ...spans].flatMap((text): [string, string[]][] => {
    const command = text.replace(/\s+#.*$/, '').trim()
    const [, file, rest] = /^(?:.*&& )?npx tsx tasks\/([\w/-]+)\.ts(.*)$/.exec(command) ?? []
    if (file !== undefined) return [[command, words(`${file.replaceAll('/', ':')}${rest}`)]]
    const [, after] = /^(?:\w+=\S+ )*(?:npx )?tasks(?: (.*))?$/.exec(command) ?? []
    // Where a word stands for another one, the sentence is about the form of the command.
    if (after === undefined || /\b[A-Z]{3,}\b|…/.test(after)) return []
    return [[command, words(after)]]
  })
  return [...new Map(found)]
}

function words(text: string): string[] {
  return text.split(' ').filter(Boolean)
}
