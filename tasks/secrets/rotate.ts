import { defineTask } from '../lib/cli/task.ts'
import { secretProject } from '../lib/secrets/project.ts'
import { rotatePlan } from '../lib/secrets/rekey/rotate-plan.ts'

export default defineTask(import.meta, {
  group: 'secrets',
  summary: 'renew data keys and encrypt every value anew; --remove NAME when somebody leaves',
  description:
    '--remove takes somebody out of .sops.yaml, out of every file and out of secrets/keys, renews the data keys of the ' +
    'files that person could read, and lists the values in them: those are to be changed where they come from. ' +
    'A run that was stopped is finished by running the same command again.',
  arguments: {
    names: { summary: 'secret files: keyname, or a path; all unless given', many: true, complete: 'files' },
  },
  options: {
    remove: { type: 'list', valueName: 'WHO', summary: 'a name in secrets/keys, or a recipient, that goes' },
    add: { type: 'list', valueName: 'WHO', summary: 'a name in secrets/keys, or a recipient, that comes' },
    recipients: {
      type: 'boolean',
      summary: 'also follow .sops.yaml: recipients, and which values are encrypted',
    },
  },
  examples: [
    ['tasks secrets:rotate', 'new data keys for all files'],
    ['tasks secrets:rotate --remove alice', 'alice leaves: she can read nothing that is written from now on'],
    ['tasks secrets:rotate --remove alice --dry-run', 'and which values she could read'],
    ['tasks secrets:rotate keyname --recipients', 'secrets/keyname.yaml as .sops.yaml says'],
  ],
  oldNames: ['rotate'],
  anywhere: true,
  plan({ arguments: { names }, options: { remove, add, recipients }, root, output, signal }) {
    const project = secretProject({ root, output, signal })
    return rotatePlan({ names, remove, add, followRules: recipients }, { project })
  },
})
