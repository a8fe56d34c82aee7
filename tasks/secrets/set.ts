import { secretFindings } from '../lib/addons/secret-check.ts'
import { UsageError } from '../lib/cli/errors.ts'
import { quote } from '../lib/cli/process/quote.ts'
import { defineTask } from '../lib/cli/task.ts'
import { givenValues } from '../lib/secrets/edit/given-value.ts'
import { setValues } from '../lib/secrets/edit/set-value.ts'
import { valueTypes } from '../lib/secrets/edit/typed-value.ts'
import { operatorName } from '../lib/secrets/operator/operator-name.ts'
import { secretProject } from '../lib/secrets/project.ts'

export default defineTask(import.meta, {
  group: 'secrets',
  summary: 'set one value of a secret file, or take it away',
  description:
    'The value is asked for unseen, or comes on stdin (without its last line end), from a file, or is generated; it is ' +
    'never part of the command line. PATH is stringData.password, or password where that is clear; in a Secret a new key ' +
    `goes to stringData, and a value of data is encoded. With dots in keys: '["a.b"]["c"]'.`,
  arguments: {
    name: { summary: 'a secret file: keyname, or a path', required: true, complete: 'files' },
    path: { summary: 'the value: stringData.password', required: true },
  },
  options: {
    generate: {
      type: 'string',
      valueName: 'WHAT',
      summary: 'make the value: 32, password, uuid, hex:32, ssh, rsa',
    },
    fromFile: {
      type: 'string',
      valueName: 'FILE',
      complete: 'files',
      summary: 'the value is the content of a file, to the byte',
    },
    type: {
      type: 'string',
      choices: valueTypes,
      summary: 'what the value is; what it was, or a text, unless given',
    },
    raw: { type: 'boolean', summary: 'the value for data of a Secret is base64 already' },
    unset: { type: 'boolean', summary: 'take the value away' },
    clear: { type: 'boolean', summary: 'also add a value that the rules of the file leave unencrypted' },
  },
  examples: [
    ['tasks secrets:set db password', 'ask for the value, unseen'],
    ['tasks secrets:set db password --generate 32', 'a random one'],
    ['pass show github | tasks secrets:set github token', 'the value from another program'],
    ['tasks secrets:set web ca.crt --from-file ca.crt', 'the value from a file'],
    ['tasks secrets:set db stringData.old --unset', 'take a key away'],
  ],
  anywhere: true,
  async run({ arguments: { name, path }, options, root, output, signal }) {
    const { generate, fromFile, unset } = options
    if (unset && (generate ?? fromFile ?? options.type) !== undefined)
      throw new UsageError('--unset takes a value away: there is none to give')
    const project = secretProject({ root, output, signal })
    await project.find(name)
    const interactive = Boolean(process.stdin.isTTY && process.stderr.isTTY)
    const source = { generate, fromFile, interactive, stdin: process.stdin, signal, owner: operatorName() }
    const values = unset ? [{ name: path }] : await givenValues(path, source)
    const written = await setValues(values, {
      ...options,
      ...{ project, file: name, now: new Date(), check: secretFindings },
    })
    output.findings(written.findings)
    const { file, changes } = written
    if (options.json) output.json({ file, changed: changes !== undefined })
    if (changes === undefined) return output.line(`${file} is as it was: nothing to change`)
    output.line(options.dryRun ? `${file} would be written: ${changes}` : `${file} is written: ${changes}`)
    if (!options.dryRun && written.holdsSecrets) output.next(`tasks secrets:apply ${quote(name)}`)
  },
})
