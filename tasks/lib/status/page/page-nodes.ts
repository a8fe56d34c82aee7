import type { NodeStatus, Usage } from '../model.ts'
import { bytesText, nodeWord, numberText } from '../words.ts'
import { type Html, html } from './html.ts'
import { badge, bar, lookOf } from './page-parts.ts'

/** A card for each node: what it is, and how much of it pods take. Pure. */
export function nodeCards(nodes: NodeStatus[]): Html {
  return html`<div class="cards">${nodes.map(card)}</div>`
}

function card(node: NodeStatus): Html {
  const { name, roles, version, addresses, state, reason } = node
  const facts = [version, ...addresses].filter(Boolean).join(' · ')
  const usage = state === 'missing' ? [] : [podSquares(node), ...usageRows(node)]
  return html`<article class="${state === 'ready' ? 'card' : 'card wrong'}">
<h3>${serverIcon(node)}<span>${name}</span>${badge(nodeWord(node), node.cordoned ? 'warn' : lookOf(node))}</h3>
<p>${roles.join(', ') || 'no role'}</p><p class="muted">${facts}</p>
${labelChips(node)}${reason ? html`<p class="reason">${reason}</p>` : undefined}${usage}</article>`
}

const labelsShown = 6

// The operator's own: what Kubernetes sets on every node says nothing.
function labelChips({ labels }: NodeStatus): Html | undefined {
  const own = Object.entries(labels).filter(([key]) => !/(^|\.)(kubernetes|k8s)\.io\//.test(key))
  if (own.length === 0) return undefined
  const chips = own
    .slice(0, labelsShown)
    .map(([key, value]) => html`<li>${value ? `${key}=${value}` : key}</li>`)
  const more = own.length > labelsShown ? html`<li>and ${own.length - labelsShown} more</li>` : undefined
  return html`<ul class="labels">${chips}${more}</ul>`
}

function serverIcon({ simulated, state }: NodeStatus): Html {
  const light = state === 'ready' ? 'light' : 'light off'
  return html`<svg class="${simulated ? 'server hollow' : 'server'}" viewBox="0 0 24 24" aria-hidden="true">
<rect x="2" y="3" width="20" height="8" rx="2"/><rect x="2" y="13" width="20" height="8" rx="2"/>
<circle class="${light}" cx="7" cy="7" r="1.6"/><circle class="${light}" cx="7" cy="17" r="1.6"/></svg>`
}

const perRow = 25
const drawn = 4 * perRow

// Each running pod a square, hollow where nothing runs in truth.
function podSquares({ pods: { used, total }, simulated }: NodeStatus): Html {
  const count = Math.min(used, drawn)
  const rows = Math.max(1, Math.ceil(count / perRow))
  const squares = Array.from({ length: count }, (_, index) => {
    const x = (index % perRow) * 10 + 1.5
    const y = Math.floor(index / perRow) * 10 + 1.5
    return html`<rect x="${x}" y="${y}" width="7" height="7" rx="1.5"/>`
  })
  const label = `${used} of ${total} pods`
  return html`<div class="row"><span>Pods</span><span>${label}</span></div>
<svg class="${simulated ? 'pods hollow' : 'pods'}" viewBox="0 0 ${perRow * 10} ${rows * 10}" role="img" aria-label="${label}">${squares}</svg>`
}

function usageRows({ cpu, memory }: NodeStatus): Html[] {
  return [
    usageRow('CPU', { usage: cpu, text: `${numberText(cpu.used)} of ${numberText(cpu.total)} cores` }),
    usageRow('Memory', { usage: memory, text: `${bytesText(memory.used)} of ${bytesText(memory.total)}` }),
  ]
}

function usageRow(title: string, { usage, text }: { usage: Usage; text: string }): Html {
  const { used, total } = usage
  return html`<div class="row"><span>${title} requested</span><span>${text}</span></div>
${bar([{ value: used, class: used > total ? 'bad' : 'used' }], { total, label: `${title} requested: ${text}` })}`
}
