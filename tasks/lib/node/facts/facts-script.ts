import { wantedModules } from './facts.ts'

/**
 * Prints facts as lines of a key, a tab and a value; a key may come several times, and what cannot be told does not
 * come. Reads only. The clock is read first and last.
 */
export function factsScript(): string {
  return `say() { [ -z "$2" ] || printf '%s\\t%s\\n' "$1" "$2"; }
has() { command -v "$1" >/dev/null 2>&1; }
say clock "$(date +%s.%N)"
say hostname "$(uname -n)"
say machine-id "$(cat /etc/machine-id 2>/dev/null)"
say boot-id "$(cat /proc/sys/kernel/random/boot_id)"
(
  . /etc/os-release 2>/dev/null
  say os "\${PRETTY_NAME:-$(uname -s)}"
  say os-id "\${ID:-}"
  say os-version "\${VERSION_ID:-}"
)
say kernel "$(uname -r)"
say architecture "$(uname -m)"
say cpus "$(getconf _NPROCESSORS_ONLN)"
say cgroup "$(stat -fc %T /sys/fs/cgroup 2>/dev/null)"
while read -r key value rest; do
  [ "$key" != MemTotal: ] || say memory-kib "$value"
done </proc/meminfo
while read -r area rest; do
  [ "$area" = Filename ] || say swap "$area"
done </proc/swaps
read -r uptime rest </proc/uptime && say uptime "$uptime"
[ ! -e /run/reboot-required ] || say reboot-required yes
${clockLines}
${diskLines}
${moduleLines}
if has ip; then
  ip -o addr show scope global 2>/dev/null | while read -r number device family address rest; do
    say address "\${address%/*}"
  done
fi
while IFS=: read -r user x id rest; do
  [ "$id" -lt 1000 ] || [ "$id" -ge 60000 ] || say user "$user"
done </etc/passwd
for program in containerd crio dockerd; do
  ! has $program || say runtime "$($program --version 2>/dev/null | head -n 1)"
done
! has kubelet || say kubelet "$(kubelet --version 2>/dev/null)"
say clock "$(date +%s.%N)"
`
}

// timedatectl starts a service of its own, which takes its time: it is asked only where nothing else tells.
const clockLines = `if has systemctl; then
  units='systemd-timesyncd chrony chronyd ntpsec ntp ntpd'
  set -- $units
  for state in $(systemctl is-active $units 2>/dev/null); do
    [ "$state" != active ] || { service=$1; break; }
    shift
  done
  say clock-service "\${service:-}"
  case "\${service:-}" in
    '') ;;
    systemd-timesyncd) [ -e /run/systemd/timesync/synchronized ] && say clock-synchronized yes || say clock-synchronized no ;;
    *) say clock-synchronized "$(timedatectl show -p NTPSynchronized --value 2>/dev/null)" ;;
  esac
fi`

// A module's file may be written with "-" where its name has "_".
const fileNames = wantedModules.map((name) => name.replaceAll('_', '[-_]')).join('|')
const moduleLines = `for module in ${wantedModules.join(' ')}; do
  [ ! -e /sys/module/$module ] || say module-loaded "$module"
done
for list in builtin dep; do
  for file in $(grep -oE '^[^: ]*/(${fileNames})\\.ko' /lib/modules/$(uname -r)/modules.$list 2>/dev/null); do
    say module-$list "$file"
  done
done`

const diskLines = `if has lsblk; then
  lsblk -b -d -n -P -o NAME,SIZE,ROTA,TYPE,FSTYPE 2>/dev/null | while read -r line; do say disk "$line"; done
fi
if has vgs; then
  vgs --noheadings --nosuffix --units b --separator ' ' -o vg_name,vg_size,vg_free 2>/dev/null |
    while read -r line; do say volume-group "$line"; done
fi`
