import type { Action, Resource } from '../resource.ts'
import { syncSettings, syncState } from './program.ts'
import { syncUnit } from './units.ts'

/** Synchronisations that the configuration has no more: they end, and what is in their folders stays. */
export function leftOver({
  folders,
  runs,
  runners,
}: {
  folders: readonly { name: string }[]
  runs: readonly { name: string }[]
  runners: readonly string[]
}): Resource {
  const names = (list: readonly { name: string }[]) => new Set(list.map(({ name }) => name))
  const [wanted, run] = [names(folders), names(runs)]
  return {
    target: 'synchronisations that were',
    probe: [
      `for f in ${syncSettings}/*.conf; do test ! -e "$f" || echo "folder $(basename "$f" .conf)"; done`,
      `for f in /etc/systemd/system/${syncUnit('*')}.timer; do test ! -e "$f" || echo "timer $(basename "$f" .timer)"; done`,
      `grep -o ' metaltasks-sync@[A-Za-z0-9._-]*$' /root/.ssh/authorized_keys 2>/dev/null | sed 's/.*@/runner /'`,
      ':',
    ].join('\n'),
    plan: ({ stdout }) => {
      const found = (kind: string) =>
        stdout.split('\n').flatMap((line) => new RegExp(`^${kind} ([\\w.-]+)$`).exec(line)?.[1] ?? [])
      const timers = found('timer').filter((name) => ![...run].some((one) => syncUnit(one) === name))
      const gone = found('folder').filter((name) => !wanted.has(name))
      const former = [...new Set(found('runner'))].filter((name) => !runners.includes(name))
      return { actions: [...timers.map(endTimer), ...gone.map(forget), ...former.map(refuse)] }
    },
  }
}

function endTimer(unit: string): Action {
  const files = `/etc/systemd/system/${unit}.service /etc/systemd/system/${unit}.timer`
  return {
    action: 'delete',
    title: `end ${unit}.timer`,
    commands: [`systemctl disable --now ${unit}.timer`, `rm -f ${files}`, 'systemctl daemon-reload'],
  }
}

// Its records go too: what is deleted while nobody looks must not count as deleted when it is synchronised again.
function forget(name: string): Action {
  return {
    action: 'delete',
    title: `forget the synchronised folder ${name}; its files stay`,
    commands: [`rm -rf ${syncState}/${name}`, `rm -f ${syncSettings}/${name}.conf`],
  }
}

function refuse(runner: string): Action {
  return {
    action: 'delete',
    title: `let ${runner} synchronise nothing any more`,
    commands: [
      'keys=$(readlink -f /root/.ssh/authorized_keys)',
      'cp -p "$keys" "$keys.next"',
      `{ grep -v ' metaltasks-sync@${runner}$' "$keys" || test $? -eq 1; } >"$keys.next"`,
      'sync "$keys.next"',
      'mv "$keys.next" "$keys"',
    ],
  }
}
