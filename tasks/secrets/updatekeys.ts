import { defineTask } from '../lib/cli/task.ts'
import { secretProject } from '../lib/secrets/project.ts'
import { updatePlan } from '../lib/secrets/rekey/update-plan.ts'

export default defineTask(import.meta, {
  group: 'secrets',
  summary: 'give secret files the recipients that .sops.yaml says: plan, confirm, write',
  description:
    'Where recipients are only added, the data key is wrapped for them and the values stay as they are. Where somebody ' +
    'is taken out, the data key is renewed and every value encrypted anew: sops updatekeys keeps the data key, which ' +
    'whoever had it could go on using. Files that are right already are not written.',
  arguments: {
    names: { summary: 'secret files: keyname, or a path; all unless given', many: true, complete: 'files' },
  },
  examples: [
    ['tasks secrets:updatekeys', 'all files, after .sops.yaml was changed'],
    ['tasks secrets:updatekeys keyname', 'secrets/keyname.yaml only'],
    ['tasks secrets:updatekeys --dry-run', 'who would be able to read what'],
  ],
  oldNames: ['updatekeys'],
  anywhere: true,
  plan: ({ arguments: { names }, root, output, signal }) =>
    updatePlan(names, { project: secretProject({ root, output, signal }) }),
})
