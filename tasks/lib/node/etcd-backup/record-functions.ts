/** Shell functions that keep what status shows: when a backup, or a copy, was last good, and what failed since. */
export const recordFunctions = `# Text that may stand in JSON between quotes.
plain() {
  printf %s "$1" | tr '\\n\\t' '  ' | tr -cd '\\40-\\176' | tr -d '"\\\\'
}

# A value of a flat JSON file of ours.
value() {
  sed -n "s/.*\\"$1\\":\\"\\{0,1\\}\\([^\\",}]*\\).*/\\1/p" "$2" | head -n 1
}

good() {
  printf '{"time":"%s","set":"%s"}' "$now" "$2" >"$state/record/$1-good.next"
  mv "$state/record/$1-good.next" "$state/record/$1-good"
  rm -f "$state/record/$1-bad"
}

# The first failure since the last good one stays the time of it.
bad() {
  since=$(value since "$state/record/$1-bad" 2>/dev/null || :)
  printf '{"time":"%s","since":"%s","reason":"%s"}' "$now" "\${since:-$now}" "$(plain "$2")" >"$state/record/$1-bad.next"
  mv "$state/record/$1-bad.next" "$state/record/$1-bad"
}

kept() {
  if [ -s "$state/record/$1" ]; then cat "$state/record/$1"; else printf null; fi
}

report() {
  {
    printf '{"version":1,"cluster":"%s","host":"%s","began":"%s","ended":"%s",' "$cluster" "$host" "$now" "$(date -u +%Y%m%dT%H%M%SZ)"
    printf '"good":%s,"bad":%s,"places":[' "$(kept set-good)" "$(kept set-bad)"
    comma=
    for number in $numbers; do
      printf '%s{"label":"%s","good":%s,"bad":%s}' "$comma" "$(plain "$(label_of "$number")")" "$(kept "place-$number-good")" "$(kept "place-$number-bad")"
      comma=,
    done
    printf ']}\\n'
  } >"$state/state.json.next"
  chmod 600 "$state/state.json.next"
  mv "$state/state.json.next" "$state/state.json"
}

ended() {
  code=$1
  exec 2>&3
  rm -rf "$work"
  [ "$code" -eq 0 ] || bad set "$(tail -n 3 "$state/record/errors")"
  report
  rm -f "$state/record/began"
  [ "$code" -eq 0 ] || cat "$state/record/errors" >&2
}
`
