import { approverFiles } from './names.ts'

const columns = [
  '.metadata.name',
  '.spec.username',
  '.spec.groups',
  '.spec.usages',
  '.spec.request',
  '.status.conditions[*].type',
]
const line = columns.map((path) => `{${path}}`).join('{"|"}')
const jsonpath = `{range .items[*]}${line}{"\\n"}{end}`

/**
 * The program that approves. It needs kubectl and openssl, and nothing of ours but the table of names. What it does not
 * approve stays as it is, and is told in the journal.
 */
export function approverText({ names, kubeconfig } = approverFiles): string {
  return `#!/bin/sh
# Written by metaltasks. Approves serving certificates of kubelets, for nothing but what ${names} says:
# a node on each line, with all names and addresses that its certificate may have.
set -euf
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
export PATH LC_ALL
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
kubectl() { command kubectl --kubeconfig '${kubeconfig}' --cache-dir "$work/cache" "$@"; }

# NAME USER GROUPS USAGES: prints why not, or nothing.
refusal() {
  node=\${2#system:node:}
  allowed=$(awk -v node="$node" '$1 == node' '${names}')
  [ "system:node:$node" = "$2" ] && [ -n "$allowed" ] || { echo "$2 is no node that is known"; return; }
  case $3 in *'"system:nodes"'*) ;; *) echo "$2 is not in group system:nodes"; return ;; esac
  for usage in $(echo "$4" | tr -d '[]" ' | tr , ' '); do
    case $usage in digitalsignature|keyencipherment|serverauth) ;; *) echo "it is to be used for $usage too"; return ;; esac
  done
  case $4 in *'"server auth"'*) ;; *) echo 'it is not for a server'; return ;; esac
  text=$(openssl req -in "$work/request" -noout -verify -text 2>/dev/null) || { echo 'its request cannot be read'; return; }
  subject=$(openssl req -in "$work/request" -noout -subject -nameopt RFC2253)
  case $subject in
    "subject=CN=system:node:$node,O=system:nodes"|"subject=O=system:nodes,CN=system:node:$node") ;;
    *) echo "its subject is \${subject#subject=}"; return ;;
  esac
  asked=$(printf '%s\\n' "$text" | sed -n '/X509v3 Subject Alternative Name:/{n;p;}' | tr -d ' ' | tr , ' ')
  [ -n "$asked" ] || { echo 'it has no name'; return; }
  for name in $asked; do
    case $name in DNS:*|IPAddress:*) ;; *) echo "it asks for $name"; return ;; esac
    case " $allowed " in *" \${name#*:} "*) ;; *) echo "it asks for $name"; return ;; esac
  done
}

kubectl get certificatesigningrequests --field-selector spec.signerName=kubernetes.io/kubelet-serving \\
  -o jsonpath='${jsonpath}' >"$work/list"
while IFS='|' read -r name user groups usages request conditions; do
  [ -z "$conditions" ] || continue
  printf '%s' "$request" | base64 -d >"$work/request"
  why=$(refusal "$name" "$user" "$groups" "$usages" </dev/null)
  if [ -z "$why" ]; then kubectl certificate approve "$name" </dev/null
  else echo "<4>$name is not approved: $why" >&2; fi
done <"$work/list"
`
}
