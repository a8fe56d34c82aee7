import { keyProgram, tableFile } from './names.ts'

/** The program of the boot unit: the same on every machine, it ends when all volumes of the table are mounted. */
export function openProgramText(): string {
  return `#!/bin/sh
# Opens and mounts the encrypted volumes of this machine, those of ${tableFile}, and ends when all
# of them are mounted. What fails is tried again every 5 seconds, and is said in: systemctl status metaltasks-volumes
set -u
umask 077
export LC_ALL=C
table=${tableFile}
[ -r "$table" ] || exit 1

first_line() {
	echo "$1" | head -n 1 | tr -cd '[:print:]'
}

# The number of a device: 254:0.
number_of() {
	lsblk -n -d -o MAJ:MIN "$1" | tr -d ' '
}

# Opens and mounts one volume; prints why it cannot.
open_volume() {
	name=$1 device=$2 mapper=$3 options=$4 path=$5
	opened=/dev/mapper/$mapper
	if [ ! -b "$opened" ]; then
		[ -b "$device" ] || { echo "$device is missing"; return 1; }
		flags=
		[ "$options" = discard ] && flags=--allow-discards
		# Without a key nothing comes through the pipe, and cryptsetup opens nothing.
		said=$( { ${keyProgram} "$name" | cryptsetup open --type luks $flags --key-file - "$device" "$mapper"; } 2>&1) ||
			{ first_line "$said"; return 1; }
	fi
	below=$(dmsetup deps -o devno "$mapper" | sed -n 's/.*(\\([0-9]*\\), *\\([0-9]*\\)).*/\\1:\\2/p')
	[ "$below" = "$(number_of "$device")" ] ||
		{ echo "$opened lies on device \${below:-unknown} and not on $device"; return 1; }
	if ! mountpoint -q "$path"; then
		said=$(fsck -T -p "$opened" 2>&1)
		[ $? -le 1 ] || { echo "$opened needs fsck: $(echo "$said" | tail -n 1)"; return 1; }
		said=$(mount "$path" 2>&1) || { first_line "$said"; return 1; }
	fi
	[ "$(findmnt -n -r -o MAJ:MIN --mountpoint "$path" | tail -n 1)" = "$(number_of "$opened")" ] ||
		{ echo "something other than $opened is mounted on $path"; return 1; }
}

# Ends 0 where a path lies in a volume that is not mounted: what is mounted there now would be hidden later.
is_in_closed() {
	echo "$closed" | while IFS= read -r outer; do
		case $1 in "\${outer:-/none}"/*) echo inside ;; esac
	done | grep -q inside
}

told=
while :; do
	failed=
	closed=
	while read -r name device mapper options path <&3; do
		case $name in '' | '#'*) continue ;; esac
		if is_in_closed "$path"; then
			failed="$failed; volume $name: the volume around $path is closed"
		elif ! reason=$(open_volume "$name" "$device" "$mapper" "$options" "$path" 3<&-); then
			failed="$failed; volume $name: $reason"
			closed="$closed
$path"
		fi
	done 3<"$table"
	[ -z "$failed" ] && break
	systemd-notify --status="waiting:\${failed#;}"
	[ "$failed" = "$told" ] || echo "waiting:\${failed#;}" >&2
	told=$failed
	sleep 5
done
systemd-notify --status='all volumes are mounted'
`
}
