import { type BackupPaths, backupPaths } from './paths.ts'
import { placeFunctions } from './place-functions.ts'
import { recordFunctions } from './record-functions.ts'
import { setFunctions } from './set-functions.ts'

/**
 * The program that backs a control plane up. It needs nothing of this tool: sh, etcdctl, etcdutl, age, tar, and curl or
 * sftp where a place asks for it. A set counts once it was restored on trial and, in each place, read back.
 */
export function backupProgram(paths: BackupPaths = backupPaths): string {
  const { settings, state, kubernetes, search } = paths
  return `#!/bin/sh
# Backs etcd up with certificates and encryption keys. Written by metaltasks; settings are in ${settings}.
#   metaltasks-backup run               makes a set, tries it, encrypts it and copies it to every place
#   metaltasks-backup list              every set in every place, as lines of JSON
#   metaltasks-backup fetch PLACE SET   brings a set into ${state}/fetched
set -eu
umask 077
PATH=${search} LC_ALL=C
export PATH LC_ALL
settings=${settings}
state=${state}
kubernetes=${kubernetes}
work=$state/work

stop() {
  echo "$*" >&2
  exit 1
}

${recordFunctions}
${setFunctions}
${placeFunctions}
# A place that fails leaves the others alone.
copy_to() {
  set +e
  (set -e; copy_and_tidy "$1") >"$work/place" 2>&1
  code=$?
  set -e
  if [ "$code" -eq 0 ]; then
    good "place-$1" "$name"
  else
    said=$(tail -n 3 "$work/place")
    bad "place-$1" "$said"
    echo "$(label_of "$1"): $said" >&2
    failed="$failed $(label_of "$1");"
  fi
}

copy_and_tidy() {
  use "$1"
  copy "$work/$name.age" "$name.age"
  copy "$work/$name.json" "$name.json"
  tidy
}

run() {
  now=$(date -u +%Y%m%dT%H%M%SZ)
  name=etcd-$cluster-$host-$now
  failed=
  echo "$now" >"$state/record/began"
  trap 'ended $?' EXIT
  trap 'exit 130' HUP INT TERM
  exec 3>&2 2>"$state/record/errors"
  rm -rf "$work"
  mkdir "$work"
  make_set
  for number in $numbers; do copy_to "$number"; done
  [ -z "$failed" ] || stop "no copy in$failed see above"
  good set "$name"
  echo "$name"
}

list() {
  work=$work.list
  mkdir -p "$work"
  trap 'rm -rf "$work"' EXIT
  for number in $numbers; do
    set +e
    (set -e; list_place "$number") >"$work/listed" 2>"$work/errors"
    code=$?
    set -e
    if [ "$code" -eq 0 ]; then
      cat "$work/listed"
    else
      printf '{"place":%s,"label":"%s","problem":"%s"}\\n' "$number" "$(plain "$(label_of "$number")")" "$(plain "$(tail -n 3 "$work/errors")")"
    fi
  done
}

list_place() {
  use "$1"
  names >"$work/names"
  sets <"$work/names" >"$work/sets"
  while read -r one <&4; do
    get "$one.json" 4<&- >"$work/json"
    printf '{"place":%s,"label":"%s","set":%s}\\n' "$1" "$(plain "$label")" "$(tr -d '\\n' <"$work/json")"
  done 4<"$work/sets"
}

fetch() {
  case $2 in *[!A-Za-z0-9.-]*) stop "no set is named so: $2" ;; esac
  work=$work.fetch
  mkdir -p "$state/fetched" "$work"
  trap 'rm -rf "$work"' EXIT
  use "$1"
  get "$2.json" >"$work/json"
  sum=$(value sha256 "$work/json")
  get "$2.age" >"$work/set"
  [ -n "$sum" ] && [ "$(sha_of "$work/set")" = "$sum" ] || stop "$label: $2 is not what was copied there"
  mv "$work/set" "$state/fetched/$2.age"
  echo "$state/fetched/$2.age"
}

. "$settings/settings"
numbers="0 $(ls "$settings/places" 2>/dev/null | sed -n 's/^\\([0-9]*\\)\\.conf$/\\1/p' | sort -n | tr '\\n' ' ')"
mkdir -p "$state/record" "$state/sets"
case \${1:-}/$# in
  run/1)
    exec 9>"$state/lock"
    flock -w 900 9 || stop 'another backup is being made'
    run
    ;;
  list/1) list ;;
  fetch/3) fetch "$2" "$3" ;;
  *) stop 'usage: metaltasks-backup run | list | fetch PLACE SET' ;;
esac
`
}
