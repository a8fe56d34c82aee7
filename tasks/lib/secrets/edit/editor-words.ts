/** How an editor is started so that it keeps no copy of what it shows: what goes behind its own words. */
export interface EditorWords {
  words: string[]
  /** What cannot be turned off. */
  warning?: string
}

const vim = [
  // No swap file, no viminfo or shada; before and behind the operator's own settings no backup and no undo file.
  ...['-n', '-i', 'NONE'],
  ...['--cmd', 'set noswapfile nobackup nowritebackup noundofile'],
  ...['-c', 'set noswapfile nobackup nowritebackup noundofile'],
]
const lisp =
  '(setq auto-save-default nil make-backup-files nil backup-inhibited t create-lockfiles nil savehist-mode nil)'

interface Kind {
  names: RegExp
  words(folder: string): string[]
  warning?: string
}

const kinds: Kind[] = [
  { names: /^(r?vim|nvim|view|vimx|vim\..*)$/, words: () => vim },
  { names: /^(gvim|mvim|gview)$/, words: () => ['-f', ...vim] },
  // Restricted: neither history nor backup files are read or written.
  { names: /^(nano|rnano|pico)$/, words: () => ['--restricted'] },
  { names: /^emacs(-.*)?$/, words: () => ['--eval', lisp] },
  {
    names: /^micro$/,
    words: () =>
      ['backup', 'permbackup', 'savehistory', 'savecursor', 'saveundo'].flatMap((name) => [
        `-${name}`,
        'false',
      ]),
  },
  { names: /^(hx|helix|ed|busybox|mg|kak)$/, words: () => [] },
  { names: /^joe$|^jstar$|^jmacs$/, words: () => ['-nobackups', '-nolocks'] },
  // Its history of files, its copies for a crash and its extensions live in the folder of its user.
  {
    names: /^(code|code-oss|codium|vscodium|cursor|code-insiders)$/,
    words: (folder) => [
      '--wait',
      '--new-window',
      '--disable-extensions',
      '--user-data-dir',
      `${folder}/.editor`,
    ],
  },
  {
    names: /^(subl|sublime_text|zed|zeditor|mate|bbedit|atom)$/,
    words: () => ['--wait'],
    warning: 'may keep copies of what it shows',
  },
]

/** What is added to an editor's command, by the name of its program; `folder` is in memory. */
export function editorWords(name: string, { folder }: { folder: string }): EditorWords {
  const kind = kinds.find(({ names }) => names.test(name))
  if (!kind) return { words: [], warning: 'is not known here: it may keep copies of what it shows' }
  return { words: kind.words(folder), ...(kind.warning && { warning: kind.warning }) }
}

/** A command line as words: blanks part them, quotes and backslashes keep them together, as in a shell. */
export function commandWords(line: string): string[] {
  const words = line.match(/(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+/gs) ?? []
  return words.map((word) =>
    word.replace(/\\(.)|'([^']*)'|"((?:[^"\\]|\\.)*)"/gs, (_, escaped, single, double) =>
      double === undefined ? (escaped ?? single) : double.replace(/\\(["\\$`])/g, '$1'),
    ),
  )
}
