import { durationText } from '../../cli/terminal/clock.ts'
import type { Status } from '../model.ts'
import { runWords } from '../words.ts'
import { type Html, html } from './html.ts'
import { badge, bar } from './page-parts.ts'

/** The steps of the last run as bars of the time they took. Pure. */
export function runBars(run: Status['lastRun']): Html {
  if (!run) return html`<p class="muted">No run is recorded for this target.</p>`
  const longest = Math.max(...run.steps.map(({ seconds }) => seconds), 0.001)
  const rows = run.steps.map(
    ({ name, title, seconds, changed }) => html`<li><span title="${title}">${name}</span>
${bar([{ value: seconds, class: 'used' }], { total: longest, label: `${name}: ${durationText(seconds)}` })}
<span>${durationText(seconds)}</span><span class="muted">${changed > 0 ? `${changed} changed` : ''}</span></li>`,
  )
  const look = run.outcome === 'done' ? 'good' : 'bad'
  return html`<article class="card"><p>${badge(run.outcome, look)} ${runWords(run)}</p><ol class="steps">${rows}</ol></article>`
}
