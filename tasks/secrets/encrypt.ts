import { join } from 'node:path'
import { defineTask } from '../lib/cli/task.ts'
import { createKeyring } from '../lib/secrets/keys/keyring.ts'
import { keyPlaces } from '../lib/secrets/keys/places.ts'
import { encryptFile } from '../lib/secrets/low-level/encrypt.ts'
import { policyFlags, policyOptions } from '../lib/secrets/low-level/encrypt-options.ts'
import { expectOneOutput, isStdin } from '../lib/secrets/low-level/input.ts'
import { withSopsCodes } from '../lib/secrets/low-level/sops-codes.ts'
import { writeOut } from '../lib/secrets/low-level/write-out.ts'
import { fileTypes } from '../lib/secrets/stores/store.ts'

export default defineTask(import.meta, {
  group: 'secrets',
  summary: 'encrypt a file to stdout, as sops encrypt does',
  description:
    'Writes the layout that sops encrypt writes, and ends with its exit codes. Recipients and selectors come from the ' +
    'options, from variables such as SOPS_AGE_RECIPIENTS, or from the rule of .sops.yaml that takes the file. ' +
    'Without FILE, or for -, stdin is read; --filename-override then names it.',
  arguments: {
    file: { summary: 'a clear file; - is stdin', complete: 'files' },
  },
  options: {
    inPlace: { type: 'boolean', short: 'i', summary: 'write the encrypted text over the file' },
    output: { type: 'string', valueName: 'FILE', summary: 'write the encrypted text to a file' },
    ...policyOptions,
    inputType: { type: 'string', choices: fileTypes, summary: 'what the file is, whatever its name says' },
    outputType: { type: 'string', choices: fileTypes, summary: 'what to write' },
    filenameOverride: {
      type: 'string',
      valueName: 'FILE',
      summary: 'the name that rules and types are told from',
    },
    keepFormat: { type: 'boolean', summary: 'keep blank lines, indents and quotes of the clear file' },
    config: { type: 'string', valueName: 'FILE', summary: 'another .sops.yaml' },
  },
  examples: [
    ['tasks secrets:encrypt --in-place secrets/db.yaml', 'encrypt it under the rule of .sops.yaml'],
    ['tasks secrets:encrypt --age age1… db.env', 'for one recipient, to stdout'],
    ['tasks secrets:encrypt --filename-override secrets/db.yaml -', 'what comes by stdin'],
  ],
  anywhere: true,
  run({ arguments: { file }, options, root, output, signal, argv }) {
    return withSopsCodes(argv, async () => {
      expectOneOutput([file], options)
      const { inPlace, output: outputFile } = options
      const keyring = createKeyring(keyPlaces({ publicKeys: [join(root, 'secrets/keys')], signal }))
      const flags = policyFlags(options)
      const { bytes, findings } = await encryptFile(file, { ...options, keyring, flags, cwd: process.cwd() })
      output.findings(findings)
      await writeOut(bytes, {
        output,
        file: isStdin(file) ? undefined : file,
        inPlace,
        outputFile,
        sealed: true,
      })
    })
  },
})
