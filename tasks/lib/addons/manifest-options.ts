import { modes } from '../manifest/mode.ts'

/** The argument of tasks on manifests. */
export const manifestsArgument = {
  summary: 'names, files or folders',
  required: true,
  many: true,
  complete: 'manifests',
} as const

/** How manifests get their values: the same in every task that reads them. */
export const valueOptions = {
  vars: {
    type: 'string',
    valueName: 'FILE',
    summary: 'further variables, as NAME=value lines',
    complete: 'files',
  },
  subst: { type: 'string', choices: modes, valueName: 'MODE', summary: 'how $NAMES are substituted' },
} as const
