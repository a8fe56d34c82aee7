import type { Status } from '../model.ts'
import { bytesText, numberText, timeText } from '../words.ts'
import { type Html, html } from './html.ts'
import { nodeCards } from './page-nodes.ts'
import { runBars } from './page-run.ts'
import { pageStyle } from './page-style.ts'
import { addonTable, claimTable, loadBalancerTable, workloadTable } from './page-tables.ts'
import { volumeCards } from './page-volumes.ts'

/** The status as one page that asks for nothing else: no script, no picture, no font from elsewhere. Pure. */
export function statusPage(status: Status): string {
  const { target, nodes, volumes, workloads, loadBalancers, addons, lastRun } = status
  const body = [
    head(status),
    problems(status),
    section('Nodes', nodeCards(nodes)),
    section('Volumes', volumeCards(volumes)),
    section('Claims that wait', claimTable(volumes.pendingClaims)),
    section('Workloads', workloadTable(workloads)),
    section('Load balancers', loadBalancerTable(loadBalancers)),
    section('Add-ons', addonTable(addons)),
    section('Last run', runBars(lastRun)),
    html`<footer>${timeText(status.takenAt)}, <code>tasks status --html</code></footer>`,
  ]
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${target}</title>
<style>${{ markup: pageStyle }}</style>
</head>
<body><main>${body}</main></body>
</html>
`.markup
}

function section(title: string, content: Html | undefined): Html {
  return content ? html`<section><h2>${title}</h2>${content}</section>` : html``
}

function head(status: Status): Html {
  const { target, simulated, kubernetes } = status
  const other =
    kubernetes.running === kubernetes.configured ? '' : `, the configuration says ${kubernetes.configured}`
  const note = html`<p class="note simulated">Simulated: no real machine stands behind any node, readiness, address or binding on this page.</p>`
  return html`<header><h1>${target}</h1><p>Kubernetes ${kubernetes.running}${other}</p>
${simulated ? note : undefined}<dl class="tiles">${tiles(status)}</dl></header>`
}

function tiles({ nodes, workloads, volumes, simulated, problems }: Status): Html[] {
  const ready = simulated ? 'simulated' : 'ready'
  const sum = (of: 'bytes' | 'boundBytes' | 'count' | 'bound') =>
    volumes.groups.reduce((total, group) => total + group[of], 0)
  const readyOf = (all: { state: string }[]) => all.filter(({ state }) => state === 'ready').length
  return [
    tile(`Nodes ${ready}`, { value: readyOf(nodes), of: nodes.length }),
    tile(`Workloads ${ready}`, { value: readyOf(workloads), of: workloads.length }),
    tile(`Volumes bound${simulated ? ' (simulated)' : ''}`, {
      value: sum('bound'),
      of: sum('count'),
      more: `${bytesText(sum('boundBytes'))} of ${bytesText(sum('bytes'))}`,
    }),
    tile('To look at', { value: problems.length }),
  ]
}

function tile(title: string, { value, of, more }: { value: number; of?: number; more?: string }): Html {
  const outOf = of === undefined ? undefined : html`<small> of ${numberText(of)}</small>`
  const below = more ? html`<dd class="more">${more}</dd>` : undefined
  return html`<div><dt>${title}</dt><dd>${value}${outOf}</dd>${below}</div>`
}

/** A page that lists thousands of lines helps nobody. */
const shown = 20

function problems({ problems: all }: Status): Html {
  if (all.length === 0) return html``
  const items = all.slice(0, shown).map((text) => html`<li>${text}</li>`)
  const more = all.length > shown ? html`<li>… and ${all.length - shown} more</li>` : undefined
  return html`<section class="problems"><h2>To look at</h2><ul>${items}${more}</ul></section>`
}
