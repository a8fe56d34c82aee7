import { keyFolder, tableFile } from './names.ts'

/** The program volume-key of a machine whose keys are sealed to a Tang server or to its TPM, by clevis. */
export function sealedProgram(): string {
  return `#!/bin/sh
# volume-key VOLUME: prints the key of an encrypted volume of this machine, whole, or nothing and ends with another code.
# The key is sealed in the volume's own LUKS header (see: clevis luks list -d DEVICE); before the header has it, in
# ${keyFolder}/VOLUME.jwe. Only who reaches the Tang server, or this machine's TPM, can unseal it.
set -eu
umask 077
export LC_ALL=C TMPDIR=/dev/shm
volume=\${1-}
case $volume in
'' | .* | -* | *[!A-Za-z0-9._+-]*)
	echo 'usage: volume-key VOLUME' >&2
	exit 64
	;;
esac

# Prints a key and ends; the key is text, and only ever in this shell's memory.
give() {
	[ "\${#1}" -ge 32 ] || return 0
	printf %s "$1"
	exit 0
}

why='it is neither in a header nor in ${keyFolder}'
device=$([ ! -r ${tableFile} ] || sed -n "s|^$volume \\([^ ]*\\) .*|\\1|p" ${tableFile})
if [ -b "$device" ]; then
	for slot in $(clevis luks list -d "$device" 2>/dev/null | sed -n 's/^\\([0-9]*\\): .*/\\1/p'); do
		why='its header says how to unseal it, and that failed'
		key=$(timeout -k 5 60 clevis luks pass -d "$device" -s "$slot" 2>/dev/null </dev/null) && give "$key"
	done
fi
if [ -s "${keyFolder}/$volume.jwe" ]; then
	why="${keyFolder}/$volume.jwe could not be unsealed"
	key=$(timeout -k 5 60 clevis decrypt <"${keyFolder}/$volume.jwe" 2>/dev/null) && give "$key"
fi
echo "volume-key: no key of $volume: $why" >&2
exit 1
`
}
