/** Where the program and its settings are on each machine. */
export const syncProgram = '/usr/local/sbin/metaltasks-sync'
export const syncSettings = '/etc/metaltasks-sync'
export const syncState = '/var/lib/metaltasks-sync'

/** In each folder: shows that its file system is mounted; keeps what a synchronisation replaced or deleted. */
export const syncMarker = '.metaltasks-sync'

/** What of a folder that was replaced or deleted is kept for so many days. */
const keptDays = 30

/** More changed files than these are not listed one by one: the whole folder is compared by content. */
const mostListed = 1000

/**
 * The program that keeps a folder the same on two machines, by unison. Nothing is lost by it: of a file that differs
 * on both sides the newer one keeps the name, the other one stays beside it as "NAME (conflict…)"; what is replaced or
 * deleted is kept in the folder's .metaltasks-sync. It does nothing where either side is not mounted.
 *
 * unison alone overlooks a change of the same size within a second of the one before, or by whole hours; files whose
 * status changed since the last run are therefore compared by content first.
 */
export const syncProgramText = `#!/bin/sh
# Keeps a folder the same on several machines. Written by metaltasks; settings are in ${syncSettings}.
#   metaltasks-sync run NAME       on the first machine: with each of the others, one after the other
#   metaltasks-sync serve RUNNER   on the others, by the key of RUNNER alone
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
export PATH LC_ALL

stop() {
  echo "$*" >&2
  exit 75
}

settings() {
  case $1 in '' | *[!a-z0-9-]*) stop "no folder is named so: $1" ;; esac
  name=$1
  [ -r "${syncSettings}/$name.conf" ] || stop "no folder is named so: $name"
  . "${syncSettings}/$name.conf"
  state=${syncState}/$name
  mkdir -p "$state"
  chmod 700 "$state"
}

# An unmounted folder looks as if all had been deleted: nothing may start from there.
check() {
  if [ -n "$mount" ]; then
    mountpoint -q "$mount" || stop "$mount is not mounted"
    if [ -n "$source" ]; then
      [ "$(findmnt -n -o SOURCE --mountpoint "$mount" | tail -n 1)" = "$source" ] || stop "something else than $source is mounted at $mount"
    fi
  fi
  [ -d "$folder/${syncMarker}" ] || stop "$folder/${syncMarker} is missing: is the right file system mounted? then: tasks volumes:sync"
}

# This boot, then files that changed since the last run that ended well; "*" for a name that cannot be listed.
changed() {
  cat /proc/sys/kernel/random/boot_id
  touch -d '2 seconds ago' "$state/next$1"
  [ -e "$state/last$1" ] || return 0
  find "$folder" -path "$folder/${syncMarker}" -prune -o -type f -cnewer "$state/last$1" \\
    \\( \\( -name '*[[:cntrl:]]*' -o -name '*\\\\*' -o -name ' *' -o -name '* ' \\) -printf '*\\n' -o -printf '%P\\n' \\)
}

serve() {
  runner=$1
  set -f
  set -- \${SSH_ORIGINAL_COMMAND:-}
  [ $# -ge 2 ] || stop 'this key only synchronises folders'
  settings "$1"
  # A folder of another machine is none of this key's business.
  case $first in "$runner") ;; *) stop "$name is not synchronised from $runner" ;; esac
  shift
  check
  case $* in
    changed) changed "" ;;
    flush) flush ;;
    done) mv "$state/next" "$state/last"; tidy ;;
    -server | '-server __new-rpc-mode')
      # It sees this folder and its own records, and nothing else of the machine.
      exec systemd-run --quiet --pipe --wait --collect --unit="metaltasks-sync-serves-$name" \\
        -p TemporaryFileSystem=/ -p "BindReadOnlyPaths=/usr -/bin -/lib -/lib64 -/etc/ld.so.cache -/etc/alternatives" \\
        -p "BindPaths=$folder $state" -p PrivateDevices=yes -p PrivateNetwork=yes -p NoNewPrivileges=yes \\
        -p "CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID" \\
        -E "UNISON=$state" -E HOME="$state" -E LC_ALL=C.UTF-8 /usr/bin/unison "$@"
      ;;
    *) stop "this key only synchronises folders, not: $*" ;;
  esac
}

# What came has to be on the disk before it counts as the same on both sides.
flush() {
  sync -f "$folder" "$state"
}

# What was replaced or deleted long ago.
tidy() {
  [ ! -d "$folder/${syncMarker}/kept" ] || find "$folder/${syncMarker}/kept" -xdev -mindepth 1 \\( -type f -o -type l \\) -ctime +${keptDays} -delete
}

remote() {
  ssh -F ${syncSettings}/ssh_config "$1" "$name $2"
}

compare() {
  peer=$1
  shift
  unison common -root "$folder" -root "ssh://$peer/$folder" -servercmd "$name" -logfile "$state/log" "$@" >"$state/output" 2>&1
}

with() {
  peer=$1
  remote "$peer" changed >"$state/there" 2>"$state/remote" || stop "$peer: $(tail -n 3 "$state/remote")"
  changed "-$peer" >"$state/here"
  boots="$(head -n 1 "$state/here") $(head -n 1 "$state/there")"
  { sed 1d "$state/here"; sed 1d "$state/there"; } | sort -u >"$state/changed"
  # A machine went down in the middle of a run: what had come there may be empty now, and must not count as an edit.
  torn=
  [ ! -e "$state/open-$peer" ] || [ "$(cat "$state/open-$peer")" = "$boots" ] || torn=1
  [ -n "$torn" ] || echo "$boots" >"$state/open-$peer"
  code=0
  if [ -n "$torn" ]; then
    compare "$peer" -fastcheck false -ignorearchives || code=$?
  elif grep -qxF '*' "$state/changed" || [ "$(wc -l <"$state/changed")" -gt ${mostListed} ]; then
    compare "$peer" -fastcheck false || code=$?
  else
    [ ! -s "$state/changed" ] || listed "$peer" || code=$?
    [ "$code" -ge 3 ] || compare "$peer" || code=$?
  fi
  # Records that a crash left torn: without them both sides are taken as they are, and nothing counts as deleted.
  if [ "$code" -ge 3 ] && grep -qi 'archive' "$state/output"; then
    code=0
    compare "$peer" -fastcheck false -ignorearchives || code=$?
  fi
  [ "$code" -le 1 ] || stop "$peer: unison ended with $code: $(grep -v '^ *$' "$state/output" | tail -n 3)"
  if ! grep -q 'Nothing to do' "$state/output" || [ -s "$state/changed" ]; then
    flush
    remote "$peer" flush 2>"$state/remote" || stop "$peer: $(tail -n 3 "$state/remote")"
  fi
  remote "$peer" done 2>"$state/remote" || stop "$peer: $(tail -n 3 "$state/remote")"
  mv "$state/next-$peer" "$state/last-$peer"
  rm -f "$state/open-$peer"
}

listed() {
  { echo 'include common'; sed 's/^/path = /' "$state/changed"; } >"$state/listed.prf"
  unison listed -root "$folder" -root "ssh://$1/$folder" -servercmd "$name" -logfile "$state/log" \\
    -fastcheck false -confirmbigdel=false >"$state/output" 2>&1
}

report() {
  code=$?
  find "$folder" -path "$folder/${syncMarker}" -prune -o -name '*(*conflict*on*)*' -print >"$state/conflicts" 2>/dev/null || :
  {
    echo "result=$([ $code -eq 0 ] && echo done || echo failed)"
    echo "started=$started"
    echo "ended=$(date +%s)"
    echo "message=$(tail -n 3 "$state/errors" | tr '\\r\\n' '  ')"
  } >"$state/status.new"
  mv "$state/status.new" "$state/status"
  [ $code -eq 0 ] || cat "$state/errors" >&3
}

run() {
  settings "$1"
  started=$(date +%s)
  UNISON=$state HOME=$state
  export UNISON HOME
  exec 9>"$state/lock"
  flock -n 9 || stop "$name is being synchronised already"
  trap report EXIT
  exec 3>&2 2>"$state/errors"
  check
  for one in $peers; do with "$one"; done
  tidy
}

case \${1:-} in
  run) run "\${2:-}" ;;
  serve) serve "\${2:-}" ;;
  *) stop 'usage: metaltasks-sync run NAME' ;;
esac
`

/** unison's settings for a folder: its "common" profile. */
export function syncProfile(folder: string): string {
  return `# Written by metaltasks.
batch = true
auto = true
terse = true
# Of a file that differs on both sides the newer one keeps the name, the other one is kept beside it.
prefer = newer
copyonconflict = true
# What is replaced or deleted is kept.
backup = Name *
backuplocation = central
backupdir = ${folder.replace(/(?<=.)\/+$/, '')}/${syncMarker}/kept
maxbackups = 3
times = true
owner = true
group = true
numericids = true
# Looked for at the end of each comparison too: a side that is unmounted meanwhile ends it.
mountpoint = ${syncMarker}
ignore = Path ${syncMarker}
confirmbigdel = true
# One run at a time is seen to by the program; a lock of a run that was killed means nothing.
ignorelocks = true
retry = 2
sshargs = -F ${syncSettings}/ssh_config
`
}
