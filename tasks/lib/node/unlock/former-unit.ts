import type { Resource } from '../resource.ts'
import { bootUnit } from './names.ts'

const former = 'crypt-vols.service'

/** The boot unit of the Makefile toolkit: it no longer starts, and stays as a file. What it mounted stays mounted. */
export function formerUnit(): Resource {
  return {
    target: `unit ${former}`,
    probe: `systemctl is-enabled ${former}`,
    plan: ({ stdout }) => {
      if (stdout.trim() !== 'enabled') return { actions: [] }
      return {
        actions: [
          {
            action: 'update',
            title: `let ${bootUnit} open the volumes in place of ${former}`,
            before: [`${former} enabled`],
            after: [`${former} disabled; its files stay, /etc/crypt-activate.sh too`],
            commands: [`systemctl is-enabled ${bootUnit}`, `systemctl disable ${former}`],
          },
        ],
      }
    },
  }
}
