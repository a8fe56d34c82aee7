import { quote } from '../../cli/process/quote.ts'

export interface LockScriptOptions {
  /** Who holds it, in one line. */
  holder: string
  /** Without a beat for so long it lets go. */
  staleSeconds: number
  /** Where it is kept, without an ending: "/run/metaltasks". */
  path: string
  /** What the command lines of this run's own scripts contain. */
  runMark: string
}

/**
 * Holds the lock of a machine for as long as it lives: the kernel gives it back when this script is gone, however it
 * went. It says "locked", or why not, then "ok" to each line it hears. It ends with its stdin, and by itself when it
 * hears nothing any more; that it counts in its own ticks, no clock has a say.
 */
export function lockScript({ holder, staleSeconds, path, runMark }: LockScriptOptions): string {
  return `f=${quote(path)}
exec 9>>"$f.lock" || exit 1
flock -n 9
code=$?
[ $code -le 1 ] || exit $code
if [ $code -eq 1 ]; then
  now=$(date +%s)
  beat=$(stat -c %Y "$f.holder" 2>/dev/null) || beat=$now
  read -r since who <"$f.holder" 2>/dev/null || { since=$now; who=somebody; }
  echo "held $((now - since)) $((now - beat)) $who"
  exit 0
fi
printf '%s %s\\n' "$(date +%s)" ${quote(holder)} >"$f.holder" || exit 1
others() {
  for file in $(grep -al 'test "[$]mark" = ' /proc/[0-9]*/cmdline 2>/dev/null); do
    grep -aq -e ${quote(runMark)} "$file" 2>/dev/null || { [ -e "$file" ] && echo "$file"; }
  done
}
count=0
while at_work=$(others) && [ -n "$at_work" ] && [ $count -lt ${othersPatience} ]; do
  count=$((count + 1))
  sleep 0.5
done
if [ -n "$at_work" ]; then
  rm -f "$f.holder"
  echo "busy" $(echo "$at_work" | tr -dc '0-9\\n')
  exit 0
fi
read -r self rest </proc/self/stat
(
  exec 9>&-
  silent=0
  last=
  while [ $silent -lt ${staleSeconds} ] && sleep 1; do
    kill -0 $self || exit
    beat=$(stat -c %y "$f.holder")
    if [ "$beat" = "$last" ]; then silent=$((silent + 1)); else silent=0; fi
    last=$beat
  done
  rm -f "$f.holder"
  kill -TERM $self
) </dev/null >/dev/null 2>&1 &
watch=$!
echo locked
while read -r line; do
  touch "$f.holder"
  echo ok
done
kill $watch
rm -f "$f.holder"
`
}

/** Half seconds to wait for scripts of a run that was killed: what is in flight goes on to its end. */
const othersPatience = 20
