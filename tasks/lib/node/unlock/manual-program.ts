/** The program volume-key of a machine whose volumes somebody opens by hand: it never has one. */
export function manualProgram(): string {
  return `#!/bin/sh
# volume-key VOLUME: this machine cannot open its volumes by itself; the boot unit waits for somebody who does.
echo 'volume-key: waits for somebody who types: tasks volumes:unlock' >&2
exit 1
`
}
