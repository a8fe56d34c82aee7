import type { Finding } from '../../cli/errors.ts'
import type { Checked } from '../cluster-file/places.ts'
import { nodesMatching, unknownNodeHint, unmatchedText } from '../nodes.ts'

/** A way of unlocking whose server is not given, and synchronised folders of nodes that do not exist. */
export function checkMachines(checked: Checked): Finding[] {
  return [...checkUnlock(checked), ...checkSync(checked)]
}

function checkUnlock({ config, places }: Checked): Finding[] {
  const { unlock, keyServer, tang } = config.cluster
  const place = places.get('unlock')
  if (unlock === 'key-server' && !keyServer) {
    const message = 'volumes unlock from the key server, but none is given'
    return [{ severity: 'error', ...place, message, hint: 'for example keyServer: keys.example.com' }]
  }
  if (unlock === 'tang' && !tang) {
    const message = 'volumes unlock with Tang, but no server is given'
    const hint = 'for example tang: { url: http://tang:7500, thumbprint: … }'
    return [{ severity: 'error', ...place, message, hint }]
  }
  return []
}

function checkSync({ config, places }: Checked): Finding[] {
  const { nodes, sync } = config.cluster
  return sync.flatMap(({ name, nodes: wanted = [] }, index) => {
    const place = places.get(`sync[${index}].nodes`) ?? places.get(`sync[${index}]`)
    const unknown = wanted.flatMap((node) => {
      const found = nodesMatching(nodes, node)
      if (found.length === 1) return []
      const hint = unknownNodeHint(nodes, node)
      return [
        {
          severity: 'error' as const,
          ...place,
          message: `sync ${name}: ${unmatchedText(found, node)}`,
          hint,
        },
      ]
    })
    if (unknown.length > 0 || new Set(wanted).size > 1) return unknown
    const message = `sync ${name} names ${wanted.length} nodes, expected at least two`
    return [{ severity: 'error', ...place, message, hint: 'for example nodes: [kube1, kube2]' }]
  })
}
