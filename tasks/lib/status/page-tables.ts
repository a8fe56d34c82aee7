import { type Html, html } from './html.ts'
import type { AddonStatus, LoadBalancerStatus, PendingClaim, WorkloadStatus } from './model.ts'
import { badge, lookOf } from './page-parts.ts'
import { addonWord, stateWord } from './words.ts'

/** Workloads by namespace. Pure. */
export function workloadTable(workloads: WorkloadStatus[]): Html {
  if (workloads.length === 0) return html`<p class="muted">Nothing runs yet.</p>`
  const rows = workloads.map((workload) => {
    const { namespace, kind, name, ready, wanted, reason } = workload
    return html`<tr><td><b>${name}</b><p class="muted">${kind} in ${namespace}</p>${reasonText(reason)}</td><td>${ready}/${wanted}</td><td>${badge(stateWord(workload), lookOf(workload))}</td></tr>`
  })
  return table(['Workload', 'Ready', 'State'], rows)
}

/** Services with an address from outside; undefined where there are none. Pure. */
export function loadBalancerTable(balancers: LoadBalancerStatus[]): Html | undefined {
  if (balancers.length === 0) return undefined
  const rows = balancers.map(({ namespace, name, addresses, simulated }) => {
    const state = addresses.length > 0 ? 'ready' : 'waiting'
    const look = lookOf({ state: addresses.length > 0 ? 'ready' : 'progressing', simulated })
    return html`<tr><td><b>${name}</b><p class="muted">in ${namespace}</p></td><td>${addresses.join(', ') || 'no address'}</td><td>${badge(stateWord({ state, simulated }), look)}</td></tr>`
  })
  return table(['Service', 'Address', 'State'], rows)
}

const claimsShown = 50

/** Claims that are not bound; undefined where there are none. Pure. */
export function claimTable(claims: PendingClaim[]): Html | undefined {
  if (claims.length === 0) return undefined
  const rows = claims
    .slice(0, claimsShown)
    .map(
      ({ namespace, name, storageClass, size, reason }) =>
        html`<tr><td><b>${name}</b><p class="muted">in ${namespace}</p>${reasonText(reason)}</td><td>${storageClass || 'no class'}</td><td>${size}</td></tr>`,
    )
  const more = claims.length - claimsShown
  if (more > 0) rows.push(html`<tr><td colspan="3">… and ${more} more</td></tr>`)
  return table(['Claim', 'StorageClass', 'Size'], rows)
}

/** Add-ons: what runs against what the configuration says, and what upstream has ended. Pure. */
export function addonTable(addons: AddonStatus[]): Html {
  return table(['Add-on', 'Version', 'State'], addons.map(addonRow))
}

function addonRow(addon: AddonStatus): Html {
  const { name, title, running, retired, state } = addon
  const note = retired
    ? html`<p class="reason">${retired.reason} (since ${retired.since}). The way on: ${retired.successor}</p>`
    : undefined
  const heading = retired ? html`<s>${name}</s>` : html`${name}`
  return html`<tr><td><b>${heading}</b><p class="muted">${title}</p>${note}</td><td>${running ?? '–'}</td><td>${badge(addonWord(addon), addonLook(addon, state))}</td></tr>`
}

function addonLook({ running, configured, retired }: AddonStatus, state: AddonStatus['state']) {
  if (state === 'switched off') return 'plain'
  if (state === 'not installed') return 'bad'
  return state === 'left over' || retired || running !== configured ? 'warn' : 'good'
}

function reasonText(reason: string): Html | undefined {
  return reason ? html`<p class="reason">${reason}</p>` : undefined
}

function table(titles: string[], rows: Html[]): Html {
  const head = titles.map((title) => html`<th scope="col">${title}</th>`)
  return html`<table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table>`
}
