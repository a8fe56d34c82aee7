import type { Answer, Planned, Resource } from '../resource.ts'
import type { Volume } from '../volumes/volume.ts'
import { bootUnit } from './names.ts'

const former = 'crypt-vols.service'
const formerScript = '/etc/crypt-activate.sh'

/**
 * The boot unit of the Makefile toolkit: it no longer starts, and stays as a file. Where it opens a volume that the
 * configuration does not have, it stays on: it does no harm beside ours.
 */
export function formerUnit(volumes: readonly Volume[]): Resource {
  return {
    target: `unit ${former}`,
    probe: [
      `systemctl is-enabled ${former} || true`,
      `[ ! -e ${formerScript} ] || sed -n 's|.*luksOpen  *\\(/dev/[^ ]*\\).*|\\1|p' ${formerScript}`,
    ].join('\n'),
    plan: (answer) => planFormer(answer, volumes),
  }
}

function planFormer({ stdout }: Answer, volumes: readonly Volume[]): Planned {
  const [enabled, ...devices] = stdout.split('\n').filter((line) => line !== '')
  if (enabled !== 'enabled') return { actions: [] }
  const others = devices.filter((device) => !volumes.some((volume) => volume.device === device))
  if (others.length > 0) {
    const message = `${former} stays on: it opens ${others.join(', ')} too, which cluster.yaml does not have`
    const hint = "add it to the node's volumes in cluster.yaml, then: tasks volumes"
    return { actions: [], findings: [{ severity: 'warning', message, hint }] }
  }
  const action = {
    action: 'update' as const,
    title: `let ${bootUnit} open the volumes in place of ${former}`,
    before: [`${former} enabled`],
    after: [`${former} disabled; its files stay, ${formerScript} too`],
    commands: [`systemctl is-enabled ${bootUnit}`, `systemctl disable ${former}`],
  }
  return { actions: [action] }
}
