import type { AddonStatus, LoadBalancerStatus, PendingClaim, WorkloadStatus } from '../model.ts'
import { addonNote, addonWord, stateWord } from '../words.ts'
import { type Html, html } from './html.ts'
import { badge, lookOf } from './page-parts.ts'

/** Workloads by namespace. Pure. */
export function workloadTable(workloads: WorkloadStatus[]): Html {
  if (workloads.length === 0) return html`<p class="muted">Nothing runs yet.</p>`
  const rows = workloads.map((workload) => {
    const { namespace, kind, name, ready, wanted, reason } = workload
    const title = html`<b>${name}</b><p class="muted">${kind} in ${namespace}</p>${reasonText(reason)}`
    return [title, html`${ready}/${wanted}`, badge(stateWord(workload), lookOf(workload))]
  })
  return table(['Workload', 'Ready', 'State'], rows)
}

/** Services with an address from outside; undefined where there are none. Pure. */
export function loadBalancerTable(balancers: LoadBalancerStatus[]): Html | undefined {
  if (balancers.length === 0) return undefined
  const rows = balancers.map(({ namespace, name, addresses, simulated }) => {
    const state = addresses.length > 0 ? 'ready' : 'waiting'
    const look = lookOf({ state: addresses.length > 0 ? 'ready' : 'progressing', simulated })
    const title = html`<b>${name}</b><p class="muted">in ${namespace}</p>`
    const address = html`${addresses.join(', ') || 'no address'}`
    return [title, address, badge(stateWord({ state, simulated }), look)]
  })
  return table(['Service', 'Address', 'State'], rows)
}

const claimsShown = 50

/** Claims that are not bound; undefined where there are none. Pure. */
export function claimTable(claims: PendingClaim[]): Html | undefined {
  if (claims.length === 0) return undefined
  const rows = claims
    .slice(0, claimsShown)
    .map(({ namespace, name, storageClass, size, reason }) => [
      html`<b>${name}</b><p class="muted">in ${namespace}</p>${reasonText(reason)}`,
      html`${storageClass || 'no class'}`,
      html`${size}`,
    ])
  const more = claims.length - claimsShown
  if (more > 0) rows.push([html`… and ${more} more`])
  return table(['Claim', 'StorageClass', 'Size'], rows)
}

/** Add-ons: what runs against what the configuration says, and what upstream has ended. Pure. */
export function addonTable(addons: AddonStatus[]): Html {
  return table(['Add-on', 'Version', 'State'], addons.map(addonRow))
}

function addonRow(addon: AddonStatus): Html[] {
  const { name, title, running, retired } = addon
  const end = retired && `${retired.reason} (since ${retired.since}). The way on: ${retired.successor}`
  const heading = retired ? html`<s>${name}</s>` : html`${name}`
  const notes = [addonNote(addon), end ?? ''].map(reasonText).filter((note) => note !== undefined)
  return [
    html`<b>${heading}</b><p class="muted">${title}</p>${notes}`,
    html`${running ?? '–'}`,
    badge(addonWord(addon), addonLook(addon)),
  ]
}

function addonLook({ state, running, configured, retired }: AddonStatus) {
  if (state === 'switched off') return 'plain'
  if (state === 'not installed') return 'bad'
  return state === 'left over' || retired || running !== configured ? 'warn' : 'good'
}

function reasonText(reason: string): Html | undefined {
  return reason ? html`<p class="reason">${reason}</p>` : undefined
}

// Each cell knows its title: where the screen is too narrow for columns, it stands before the cell.
function table(titles: string[], rows: Html[][]): Html {
  const head = titles.map((title) => html`<th scope="col">${title}</th>`)
  const body = rows.map((cells) => {
    const filled = cells.map((cell, index) => html`<td data-title="${titles[index]}">${cell}</td>`)
    return html`<tr>${filled}</tr>`
  })
  return html`<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`
}
