import type { Field } from '../field.ts'
import { checkFilled } from './values.ts'

/** A path on a node: not empty and without "..". */
export function checkNodePath(path: Field): void {
  if (path.text === '') checkFilled(path)
  else if (path.text?.split('/').includes('..')) path.error('cannot hold ".."', { got: true })
}
