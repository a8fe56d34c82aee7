import { defineTask } from '../lib/cli/task.ts'
import { secretProject } from '../lib/secrets/project.ts'
import { execWith, splitCommand } from '../lib/secrets/run/exec.ts'
import { fileTypes } from '../lib/secrets/stores/store.ts'

export default defineTask(import.meta, {
  group: 'secrets',
  summary: 'run a program with secrets as variables, or as a file in memory',
  description:
    'The keys of a Secret, or the top level of any other file, become variables of this one program: tls.crt is tls_crt. ' +
    'There is no shell between. With --file, {} in the command is the name of a file with the clear text; it can be read ' +
    'as often as the program likes, and is on no disk. The exit code is that of the program; signals go to it.',
  arguments: {
    names: { summary: 'secret files, then -- and the program with its words', many: true, complete: 'files' },
  },
  options: {
    file: { type: 'boolean', summary: '{} in the command is a file with the clear text; no variables' },
    format: {
      type: 'string',
      choices: fileTypes,
      summary: 'what that file is; what the secret file is, unless given',
    },
    pristine: {
      type: 'boolean',
      summary: 'no other variables than those of the secrets, PATH, HOME and the like',
    },
  },
  examples: [
    ['tasks secrets:exec app -- ./server', 'with the variables of secrets/app.env'],
    ['tasks secrets:exec common db -- psql', 'those of several files; the last one counts'],
    ['tasks secrets:exec --file app -- docker compose --env-file {} up', 'as a file'],
  ],
  anywhere: true,
  run({ arguments: { names: words }, options, argv, root, output, signal }) {
    const { file, format, pristine } = options
    const project = secretProject({ root, output, signal })
    const parts = splitCommand(argv, { words, file })
    return execWith({ ...parts, project, file, pristine, ...(format && { format }) })
  },
})
