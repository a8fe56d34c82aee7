import { isUtf8 } from 'node:buffer'
import { defineTask } from '../lib/cli/task.ts'
import { listedKeys, shownValue } from '../lib/secrets/edit/get-value.ts'
import { openFile } from '../lib/secrets/edit/open-file.ts'
import { secretProject } from '../lib/secrets/project.ts'

export default defineTask(import.meta, {
  group: 'secrets',
  summary: 'print one value of a secret file to stdout, or the names of all of them',
  description:
    'The value is printed to the byte, without a line end behind it; on a terminal one is added. What data of a Secret ' +
    'holds is decoded. PATH is stringData.password, or password where that is clear; with dots in keys: ' +
    `'["a.b"]["c"]'. A map or a list is printed as the file has it. Without PATH, names are listed and no value is shown.`,
  arguments: {
    name: { summary: 'a secret file: keyname, or a path', required: true, complete: 'files' },
    path: { summary: 'the value: stringData.password' },
  },
  options: {
    raw: { type: 'boolean', summary: 'as it stands in the file: data of a Secret stays base64' },
  },
  examples: [
    ['tasks secrets:get db', 'what it holds'],
    ['tasks secrets:get db password', 'one value'],
    ['tasks secrets:get db password | wl-copy', 'into the clipboard'],
  ],
  anywhere: true,
  async run({ arguments: { name, path }, options: { raw, json }, root, output, signal }) {
    const project = secretProject({ root, output, signal })
    const { opened, shown } = await openFile(name, project)
    output.findings(opened.findings)
    // stdout is what was asked for; names of keys may be values elsewhere in the file.
    const print = (text: string) => output.data(text, { unredacted: true })
    if (path === undefined) {
      const keys = listedKeys(opened)
      if (json) return output.json({ file: shown, keys })
      const width = Math.max(0, ...keys.map((key) => key.name.length))
      const isTable = process.stdout.isTTY === true
      for (const key of keys)
        print(
          isTable
            ? `${key.name.padEnd(width)}  ${key.encrypted ? '***' : 'not encrypted'}\n`
            : `${key.name}\n`,
        )
      return
    }
    const bytes = await shownValue(opened, path, { raw })
    if (json) return print(`${JSON.stringify({ file: shown, value: textOf(bytes) }, undefined, 2)}\n`)
    output.bytes(bytes)
    if (process.stdout.isTTY && bytes.at(-1) !== 0x0a) print('\n')
  },
})

// JSON has no bytes: what is no text is base64.
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString(isUtf8(bytes) ? 'utf8' : 'base64')
}
