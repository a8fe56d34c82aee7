import type { KeyServer } from '../../config/model.ts'
import { accountOf, identityFile, knownHostsFile } from './names.ts'

/**
 * The program volume-key of a machine whose keys are on a key server. The key is only ever in a ramfs of a mount
 * namespace of its own: it is not swapped, no other process sees it, and it is gone with the last process, even after
 * kill -9. SFTP and not SSHFS: no mount of the key server can stay behind.
 */
export function keyServerProgram(node: string, server: KeyServer): string {
  const account = accountOf(node)
  const address = server.address ?? server.host
  return `#!/bin/sh
# volume-key VOLUME: prints the key of an encrypted volume of this machine, whole, or nothing and ends with another code.
# The key comes from ${server.host} by SFTP, with this machine's own SSH key, only from the host keys pinned in
# ${knownHostsFile}.
set -eu
umask 077
export LC_ALL=C
volume=\${1-}
case $volume in
'' | .* | -* | *[!A-Za-z0-9._+-]*)
	echo 'usage: volume-key VOLUME' >&2
	exit 64
	;;
esac
fail() {
	echo "volume-key: $1" >&2
	exit 1
}

# A mount namespace of its own: what is mounted below is seen by nobody else and ends with this process.
[ "\${2-}" = inside ] || exec unshare --mount --propagation private -- "$0" "$volume" inside
memory=/run/volume-key
mkdir -p "$memory"
mount -t ramfs -o mode=0700 ramfs "$memory"
trap 'umount -l "$memory"' EXIT
trap 'exit 1' HUP INT TERM
ulimit -f 16384 # of 512 bytes: no key is larger than 8 MiB

rc=0
printf 'get "/%s" "%s/key"\\n' "$volume" "$memory" |
	timeout -k 5 60 sftp -b - -F /dev/null -P ${server.port ?? 22} \\
		-o BatchMode=yes -o LogLevel=ERROR -o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3 \\
		-o IdentityFile=${identityFile} -o IdentitiesOnly=yes -o PreferredAuthentications=publickey \\
		-o UserKnownHostsFile=${knownHostsFile} -o GlobalKnownHostsFile=/dev/null \\
		-o HostKeyAlias=${server.host} -o CheckHostIP=no -o StrictHostKeyChecking=yes -o UpdateHostKeys=no \\
		-- ${account}@${sftpHost(address)} >"$memory/said" 2>&1 || rc=$?
if [ "$rc" -ne 0 ]; then
	grep -q 'Host key verification failed' "$memory/said" &&
		fail 'the host key of ${server.host} is not the pinned one, so no key was asked for'
	grep -q 'Permission denied (' "$memory/said" &&
		fail '${server.host} does not know the SSH key of this machine; next: tasks volumes:key-server'
	grep -q 'not found' "$memory/said" &&
		fail "${server.host} has no key of $volume; next: tasks volumes:key-server"
	[ "$rc" -eq 153 ] && fail "the key of $volume on ${server.host} is larger than 8 MiB"
	[ "$rc" -eq 124 ] && fail '${server.host} did not answer within 60 s'
	fail "no key of $volume from ${server.host}: $(tail -n 1 "$memory/said" | tr -cd '[:print:]')"
fi
[ -f "$memory/key" ] || fail "${server.host} gave no key of $volume"
size=$(wc -c <"$memory/key")
[ "$size" -ge 32 ] || fail "the key of $volume on ${server.host} has only $size bytes, at least 32 are needed"
cat "$memory/key"
`
}

function sftpHost(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}
