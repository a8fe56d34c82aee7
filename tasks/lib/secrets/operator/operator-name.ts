import { userInfo } from 'node:os'
import { environment } from '../../config/environment.ts'
import { checkPersonName } from './join-project.ts'

/** The name under which the operator's public key is kept: as given, else the user's. */
export function operatorName(given?: string): string {
  const name = given ?? usualName()
  checkPersonName(name)
  return name
}

// Who became root by sudo is still somebody.
function usualName(): string {
  const { username } = userInfo()
  const person = (username === 'root' && environment().SUDO_USER) || username
  return person.replace(/[^\w.@+-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'me'
}
