import type { VolumeGroup, VolumesStatus } from '../model.ts'
import { bytesText, volumeWords } from '../words.ts'
import { type Html, html } from './html.ts'
import { bar } from './page-parts.ts'

/** A card for each node with a bar for each of its groups, however many volumes they hold. Pure. */
export function volumeCards({ groups, boundClaims, simulated }: VolumesStatus): Html {
  if (groups.length === 0) return html`<p class="muted">There are no PersistentVolumes.</p>`
  const nodes = [...new Set(groups.map(({ node }) => node))]
  const cards = nodes.map((node) =>
    card(
      node,
      groups.filter((group) => group.node === node),
    ),
  )
  const claims = `${boundClaims} claims bound${simulated ? ' (simulated)' : ''}`
  return html`<ul class="legend"><li><i class="used"></i>bound</li><li><i class="warn"></i>released</li><li><i class="bad"></i>failed</li><li><i class="free"></i>available</li><li>${claims}</li></ul>
<div class="cards">${cards}</div>`
}

function card(node: string | null, groups: VolumeGroup[]): Html {
  const total = sumOf(groups)
  const pools = groups.filter(({ kind }) => kind !== 'named')
  const named = groups.filter(({ kind }) => kind === 'named')
  const rows = pools.map((group) => row(group.name, { group, names: '' }))
  if (named.length > 0) rows.push(row('named', { group: sumOf(named), names: namesText(named) }))
  return html`<article class="card"><h3><span>${node ?? 'on any node'}</span><small class="muted">${total.count} volumes, ${bytesText(total.bytes)}</small></h3>${rows}</article>`
}

function row(title: string, { group, names }: { group: VolumeGroup; names: string }): Html {
  const { count, bound, released, failed, bytes, boundBytes } = group
  const parts = [
    { value: bound, class: 'used' },
    { value: released, class: 'warn' },
    { value: failed, class: 'bad' },
  ]
  const words = volumeWords(group)
  return html`<div class="row"><span>${title}</span><span>${bytesText(boundBytes)} of ${bytesText(bytes)}</span></div>
${bar(parts, { total: count, label: `${title}: ${words}` })}
<p class="muted small">${words}${names ? `: ${names}` : ''}</p>`
}

const namesShown = 8

function namesText(groups: VolumeGroup[]): string {
  const more = groups.length - namesShown
  const names = groups.slice(0, namesShown).map(({ name }) => name)
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ')
}

function sumOf(groups: VolumeGroup[]): VolumeGroup {
  const sum = (of: keyof VolumeGroup) => groups.reduce((total, group) => total + Number(group[of]), 0)
  return {
    ...groups[0]!,
    count: sum('count'),
    available: sum('available'),
    bound: sum('bound'),
    released: sum('released'),
    failed: sum('failed'),
    bytes: sum('bytes'),
    boundBytes: sum('boundBytes'),
  }
}
