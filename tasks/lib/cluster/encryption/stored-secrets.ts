import { TaskError } from '../../cli/errors.ts'
import type { EncryptionServer } from './server.ts'

/** A Secret as etcd holds it. */
export interface StoredSecret {
  namespace: string
  name: string
  /** Of its value: "k8s:enc:secretbox:v1:key1:"; "" where it is in clear. */
  prefix: string
}

/** What each Secret's value begins with in etcd, past all API servers. A TaskError where not all of them could be read. */
export async function scanSecrets({ machine, programs }: EncryptionServer): Promise<StoredSecret[]> {
  const title = 'read with which key etcd holds each Secret'
  const { stdout } = await machine.run(`set -eu\n${programs}\n${scanScript}`, { title, timeoutSeconds: 600 })
  const lines = stdout.trimEnd().split('\n')
  if (lines.pop() !== 'whole')
    throw new TaskError(`${machine.label}: not all Secrets in etcd could be read`, {
      hint: 'look at etcd: tasks etcd:members',
    })
  return lines.filter(Boolean).map(storedSecret)
}

// Page by page, and only the first bytes of each value: a Secret may have a megabyte. "!" sorts right after the end of
// a name, before all that a longer name goes on with. The exit code of etcdctl comes through the pipe as a line.
const scanScript = `from=/registry/secrets/
while :; do
  page=$({ etcd get "$from" /registry/secrets0 --limit=200 -w json; echo "{rc $?"; } | tr '{' '\\n' |
    sed -n -e 's/^"key":"\\([^"]*\\)"\\(.*"value":"\\([^"]\\{0,200\\}\\)\\)\\{0,1\\}.*/\\1 \\3/p' -e 's/^rc /rc /p')
  case $page in *"rc 0") ;; *) exit 1 ;; esac
  page=\${page%rc 0}
  [ -n "$page" ] || break
  printf '%s' "$page"
  last=$(printf '%s' "$page" | tail -n 1)
  from="$(printf %s "\${last%% *}" | base64 -d)!"
done
echo whole`

function storedSecret(line: string): StoredSecret {
  const [key = '', value = ''] = line.split(' ')
  const path = Buffer.from(key, 'base64').toString()
  const [, namespace, name] = /^\/registry\/secrets\/([^/]+)\/([^/]+)$/.exec(path) ?? []
  if (!namespace || !name) throw new TaskError(`etcd holds ${path} among Secrets: it is none`)
  const first = Buffer.from(value.slice(0, value.length - (value.length % 4)), 'base64').toString('latin1')
  return { namespace, name, prefix: /^k8s:enc:\w+:v\d:[^:]*:/.exec(first)?.[0] ?? '' }
}
