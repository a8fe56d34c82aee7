import { defineTask } from '../lib/cli/task.ts'
import { readPeople } from '../lib/secrets/keys/people.ts'
import { secretProject } from '../lib/secrets/project.ts'
import { surveyOf } from '../lib/secrets/survey/survey.ts'
import { surveyFindings } from '../lib/secrets/survey/survey-findings.ts'
import { surveyJson, surveyText } from '../lib/secrets/survey/survey-text.ts'

export default defineTask(import.meta, {
  group: 'secrets',
  summary: 'who can read which secret file, how old it is, and what differs from .sops.yaml',
  description:
    'No key is needed: nothing is decrypted. Files in secrets/ that are not encrypted, and keys of people that have ' +
    'expired, are told of. --check also opens every file that you can open and verifies its MAC; it ends with 1 where ' +
    'something is wrong, for CI.',
  options: {
    check: { type: 'boolean', summary: 'verify MACs too, and end with 1 where anything is wrong' },
  },
  examples: [
    ['tasks secrets:list', 'the table'],
    ['tasks secrets:list --check', 'for CI'],
    ['tasks secrets:list --json', 'as data'],
  ],
  anywhere: true,
  async run({ options: { check, json }, root, output, signal }) {
    const project = secretProject({ root, output, signal })
    const [people, survey] = await Promise.all([readPeople(project.keysFolder), surveyOf(project, { check })])
    const now = new Date()
    const findings = surveyFindings(survey, { people, now, shown: project.shown })
    if (json) output.json({ ...surveyJson(survey, { people, now }), findings })
    else {
      output.data(surveyText(survey, { people, now }))
      output.findings(findings)
    }
    if (survey.files.length + survey.others.length === 0) output.next('tasks secrets:new keyname')
    return check && findings.some(({ severity }) => severity !== 'note') ? 1 : 0
  },
})
