import { keyFields } from '../metadata/key-fields.ts'
import { selectorKinds } from '../tree/selector.ts'

/** The lists of keys in a sops block. */
export const keyTypes = Object.keys(keyFields)
const groupFields = ['shamir_threshold', 'key_groups', ...keyTypes]
/** The fields of a sops block. */
export const ownFields = [
  ...groupFields,
  ...selectorKinds,
  'lastmodified',
  'mac',
  'mac_only_encrypted',
  'version',
]
const names = new Set([...ownFields, ...Object.values(keyFields).flatMap((fields) => Object.keys(fields))])

const base64 = '[A-Za-z0-9+/]'
const armor = ` +-----BEGIN [A-Z ]+-----\\n *\\n?(?: +${base64}{60,76}\\n)*(?: +${base64}{1,76}={0,2}\\n)?(?: +=${base64}{4}\\n)? +-----END [A-Z ]+-----\\n`
const field = ` +(?:- )*(?:${[...names].join('|')}):(?: \\|-?\\n${armor}|(?: [^#\\n|>&*! ][^#\\n]*)?\\n)`
const block = new RegExp(`^sops:\\n(?:${field})+ *\\n*$`)

/** Whether a sops block of YAML certainly holds nothing but what sops writes; false says nothing. */
export function isOwnBlock(text: string): boolean {
  return block.test(text.endsWith('\n') ? text : `${text}\n`)
}
