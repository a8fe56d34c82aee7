import { TaskError } from '../../cli/errors.ts'
import { openDocument } from '../engine.ts'
import { intrudersOfClear } from '../guard/selected-values.ts'
import { keyPlaces } from '../keys/places.ts'
import type { SecretProject } from '../project.ts'
import type { Policy } from '../rules/policy.ts'
import type { Rules } from '../rules/rules.ts'
import { defaultSelector } from '../tree/selector.ts'
import { child } from '../tree/tree.ts'
import { type RecipientDrift, recipientDrift, selectorDiffers } from './drift.ts'
import { type Opens, opener } from './opens.ts'
import { type OtherFile, type SealedFile, standingOf } from './standing.ts'

/** What is known of a secret file without opening it. */
export interface Surveyed {
  sealed: SealedFile
  /** "Secret" and other kinds of Kubernetes, else the type of the file: "dotenv". */
  kind: string
  /** Whether a creation rule takes it. */
  ruled: boolean
  drift?: RecipientDrift
  /** The creation rule would have other values encrypted. */
  selectorDiffers: boolean
  opens: Opens
  /** Only where it was asked for. */
  mac?: { state: 'good' | 'wrong' | 'unread'; error?: TaskError }
}

export interface Survey {
  files: Surveyed[]
  /** Files with something to encrypt that are not encrypted, and damaged ones. */
  others: OtherFile[]
}

/** Looks at all secret files. No key is needed; `check` opens what can be opened, for its MAC. */
export async function surveyOf(project: SecretProject, { check }: { check: boolean }): Promise<Survey> {
  const rules = await project.rules()
  const paths = await project.list()
  const standings = await Promise.all(paths.map((path) => standingOf(path, project)))
  const sealed = standings.filter((standing) => standing.state === 'sealed')
  const others = standings.filter((standing) => standing.state !== 'sealed')
  const places = keyPlaces({ publicKeys: [project.keysFolder] })
  const opens = await opener(
    sealed.map(({ document }) => document.metadata),
    places,
  )
  const files = await Promise.all(
    sealed.map(async (file): Promise<Surveyed> => {
      const policy = await policyOf(file.file, rules)
      const { document } = file
      return {
        sealed: file,
        kind: kindOf(file),
        ruled: policy !== undefined,
        drift: policy && recipientDrift(document.metadata, policy),
        selectorDiffers: policy !== undefined && selectorDiffers(document, policy),
        opens: opens(document.metadata),
        ...(check && { mac: await macOf(file, project) }),
      }
    }),
  )
  const intruders = await Promise.all(others.map((file) => isIntruder(file, rules)))
  return { files, others: others.filter((_, index) => intruders[index]) }
}

async function policyOf(file: string, rules: Rules | undefined): Promise<Policy | undefined> {
  return rules?.ruleFor(await rules.pathOf(file))?.policy()
}

// Where everything is encrypted, the kind is too.
function kindOf({ document }: SealedFile): string {
  const kinds = document.branches.map((branch) => {
    const kind = child(branch, 'kind')
    return kind?.type === 'leaf' && /^[A-Z]\w+$/.test(String(kind.value)) ? String(kind.value) : document.type
  })
  return [...new Set(kinds)].join(', ')
}

async function macOf({ shown, document }: SealedFile, { keyring }: SecretProject): Promise<Surveyed['mac']> {
  try {
    await openDocument(document, { file: shown, keyring })
    return { state: 'good' }
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    const unread = 'code' in error && error.code === 'noDataKey'
    return { state: unread ? 'unread' : 'wrong', error }
  }
}

// secrets/ may hold a file in which the rules ask for nothing, such as a ConfigMap.
async function isIntruder(
  { state, file, bytes, shown }: OtherFile,
  rules: Rules | undefined,
): Promise<boolean> {
  if (state === 'damaged') return true
  const selector = (await policyOf(file, rules))?.selector ?? defaultSelector
  const { fileTypeOf } = await import('../stores/stores.ts')
  return (await intrudersOfClear(bytes, { file: shown, type: fileTypeOf(file), selector })).length > 0
}
