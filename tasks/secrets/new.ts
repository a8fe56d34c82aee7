import { defineTask } from '../lib/cli/task.ts'
import { generators } from '../lib/secrets/generate/generate.ts'
import { readPeople } from '../lib/secrets/keys/people.ts'
import { newSecret } from '../lib/secrets/new/new-secret.ts'
import { newSecretLines } from '../lib/secrets/new/new-secret-words.ts'
import { secretTypes, typeDefinitions } from '../lib/secrets/new/secret-type.ts'
import { operatorName } from '../lib/secrets/operator/operator-name.ts'
import { secretProject } from '../lib/secrets/project.ts'

export default defineTask(import.meta, {
  group: 'secrets',
  summary: 'make an encrypted Secret, asking for its values; with no key yet, make one too',
  description: `
    On a terminal it asks for what is missing; nothing of a value is shown, and none ever lies in clear on a disk.
    Without one, values come by flags, or on stdin as KEY=VALUE lines, JSON or YAML; with one --value KEY, stdin may
    be the bare value. What is missing is named, and the exit code is 64.

    --generate takes KEY=WHAT, where WHAT is one of:

${Object.entries(generators)
  .map(([what, meaning]) => `      ${what.padEnd(10)}${meaning}`)
  .join('\n')}

    --type is one of:

${secretTypes.map((type) => `      ${type.padEnd(17)}${typeDefinitions[type].meaning}`).join('\n')}`,
  arguments: {
    keyname: { summary: 'name of the Secret and its file: db is secrets/db.yaml', required: true },
  },
  options: {
    type: { type: 'string', choices: secretTypes, summary: 'type of the Secret; asked, else opaque' },
    kind: {
      type: 'string',
      choices: ['Secret', 'env'],
      default: 'Secret',
      summary: 'env: variables for secrets:exec',
    },
    namespace: {
      type: 'string',
      valueName: 'NAMESPACE',
      summary: "namespace of the Secret; the project's unless given",
    },
    value: { type: 'list', valueName: 'KEY', summary: 'a key whose value comes on stdin or is asked for' },
    generate: {
      type: 'list',
      valueName: '[KEY=]WHAT',
      summary: 'a value to be made: password=32, id=uuid, ssh, rsa',
    },
    fromFile: { type: 'list', valueName: 'KEY=FILE', summary: 'a value that is the content of a file' },
    username: { type: 'string', valueName: 'NAME', summary: 'for basic-auth and docker-registry' },
    server: { type: 'string', valueName: 'HOST', summary: 'for docker-registry: ghcr.io' },
    cert: {
      type: 'string',
      valueName: 'FILE',
      complete: 'files',
      summary: 'for tls: the certificate, in PEM',
    },
    tlsKey: {
      type: 'string',
      valueName: 'FILE',
      complete: 'files',
      summary: 'for tls: its private key, in PEM',
    },
    domain: { type: 'list', valueName: 'NAME', summary: 'for tls: make a certificate that signs itself' },
    days: { type: 'number', default: 365, summary: 'how long that certificate is to be valid' },
    name: { type: 'string', valueName: 'YOU', summary: 'your name, for a key that has to be made' },
  },
  examples: [
    ['tasks secrets:new keyname', 'ask what it holds, write secrets/keyname.yaml'],
    ['tasks secrets:new db --generate password=32', 'a random password that nobody has to know'],
    [
      'tasks secrets:new web --type tls --cert web.crt --tls-key web.key',
      'a certificate, checked with its key',
    ],
    [
      'tasks secrets:new monitor --type basic-auth --username admin --generate password',
      'with an htpasswd line',
    ],
    ['pass show github | tasks secrets:new github --value token', 'the value from another program'],
  ],
  anywhere: true,
  async run({ arguments: { keyname }, options, root, output, signal }) {
    const project = secretProject({ root, output, signal })
    const { type, kind, namespace, value: names, tlsKey: key, ...flags } = options
    const made = await newSecret(
      {
        ...{ typed: keyname, type, kind: kind as 'Secret' | 'env', namespace, names, signal },
        flags: { ...flags, key },
        person: operatorName(options.name),
        interactive: Boolean(process.stdin.isTTY && process.stderr.isTTY),
        stdin: process.stdin,
        dryRun: options.dryRun,
        now: new Date(),
      },
      project,
    )
    const people = await readPeople(project.keysFolder)
    output.findings(made.findings)
    for (const line of newSecretLines(made, { project, people })) output.line(line)
    if (options.json) {
      const { name, findings, keys } = made
      output.json({ name: name.name, file: project.shown(name.file), type: made.type, keys, findings })
    }
    output.next(options.dryRun ? `tasks secrets:new ${keyname}` : `tasks secrets:get ${made.name.path}`)
  },
})
