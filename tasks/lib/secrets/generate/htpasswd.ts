import { UsageError } from '../../cli/errors.ts'

/** What `htpasswd -B` counts as a good cost. */
const cost = 10
/** bcrypt reads no further. */
const longest = 72

/** One line of an htpasswd file with bcrypt, as nginx, Traefik and Apache read it: "alice:$2y$10$…\n". */
export async function htpasswdLine(username: string, password: string): Promise<string> {
  if (username === '' || /[:\s]/.test(username))
    throw new UsageError('the user name of an htpasswd line has no ":" and no space in it')
  if (Buffer.byteLength(password) > longest)
    throw new UsageError(`bcrypt reads no more than ${longest} bytes of a password: give a shorter one`)
  const { hash } = await import('bcryptjs')
  // $2b$ and $2y$ are the same algorithm; Apache's own library knows it by the name $2y$ only.
  const hashed = await hash(password, cost)
  return `${username}:${hashed.replace(/^\$2[ab]\$/, '$2y$')}\n`
}
