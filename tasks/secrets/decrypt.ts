import { join } from 'node:path'
import { defineTask } from '../lib/cli/task.ts'
import { createKeyring } from '../lib/secrets/keys/keyring.ts'
import { keyPlaces } from '../lib/secrets/keys/places.ts'
import { type Decrypted, decryptFiles } from '../lib/secrets/low-level/decrypt.ts'
import { parseTreePath } from '../lib/secrets/low-level/extract.ts'
import { expectOneOutput, isStdin } from '../lib/secrets/low-level/input.ts'
import { withSopsCodes } from '../lib/secrets/low-level/sops-codes.ts'
import { writeOut } from '../lib/secrets/low-level/write-out.ts'
import { fileTypes } from '../lib/secrets/stores/store.ts'

export default defineTask(import.meta, {
  group: 'secrets',
  summary: 'decrypt files to stdout, as sops decrypt does',
  description:
    'Writes the bytes that sops decrypt writes, and ends with its exit codes. Several files are decrypted in one go and ' +
    'printed in their order, all of them or none, YAML with --- between them. Without FILE, or for -, stdin is read.',
  arguments: {
    file: { summary: 'encrypted files; - is stdin', many: true, complete: 'files' },
  },
  options: {
    extract: { type: 'string', valueName: 'PATH', summary: `one value: '["stringData"]["password"]'` },
    inPlace: { type: 'boolean', short: 'i', summary: 'write the clear text over the file' },
    output: { type: 'string', valueName: 'FILE', summary: 'write the clear text to a file (mode 0600)' },
    inputType: { type: 'string', choices: fileTypes, summary: 'what the file is, whatever its name says' },
    outputType: { type: 'string', choices: fileTypes, summary: 'what to write' },
    filenameOverride: { type: 'string', valueName: 'FILE', summary: 'the name that types are told from' },
    ignoreMac: { type: 'boolean', summary: 'also where the MAC does not agree' },
    keepFormat: { type: 'boolean', summary: 'keep blank lines, indents and quotes of the encrypted file' },
    decryptionOrder: { type: 'string', valueName: 'KIND,…', summary: 'kinds of keys to try first: age,pgp' },
    config: { type: 'string', valueName: 'FILE', summary: 'another .sops.yaml' },
  },
  examples: [
    ['tasks secrets:decrypt secrets/db.yaml', 'the clear text'],
    [`tasks secrets:decrypt --extract '["stringData"]["password"]' secrets/db.yaml`, 'one value'],
    ['tasks secrets:decrypt --output-type json secrets/db.yaml', 'as JSON'],
  ],
  anywhere: true,
  run({ arguments: { file: named }, options, root, output, signal, argv }) {
    return withSopsCodes(argv, async () => {
      const files = named.length > 0 ? named : [undefined]
      expectOneOutput(files, options)
      const { decryptionOrder, extract, output: outputFile, inPlace } = options
      const publicKeys = [join(root, 'secrets/keys')]
      const keyring = createKeyring(keyPlaces({ publicKeys, signal, decryptionOrder }))
      const path = extract === undefined ? undefined : parseTreePath(extract)
      const all = await decryptFiles(files, { ...options, keyring, extract: path, cwd: process.cwd() })
      output.findings(all.flatMap(({ findings }) => findings))
      for (const [index, decrypted] of all.entries()) {
        const { file, bytes } = decrypted
        if (!inPlace && isNextDocument(decrypted, all[index - 1])) output.bytes(separator)
        await writeOut(bytes, {
          output,
          file: isStdin(file) ? undefined : file,
          inPlace,
          outputFile,
          sealed: false,
        })
      }
    })
  },
})

// As bytes: nothing in it needs to be redacted, so that no value's encoded forms have to be worked out.
const separator = Buffer.from('---\n')

function isNextDocument({ type }: Decrypted, before: Decrypted | undefined): boolean {
  return type === 'yaml' && before?.type === 'yaml'
}
