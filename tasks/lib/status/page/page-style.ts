/** The page's looks: two colour schemes, each text with a contrast of 4.5 or more on its ground (WCAG AA). */
export const pageStyle = `
:root { color-scheme: light dark; --ground: #f3f5f8; --card: #ffffff; --line: #d5dbe3; --text: #18222e; --muted: #566373;
  --used: #2f6bd0; --free: #dde4ec; --good: #11683b; --good-ground: #dcf3e5; --simulated: #5b3fa8; --simulated-ground: #ebe5fb;
  --warn: #7d4b00; --warn-ground: #fdecc8; --warn-bar: #d98a12; --bad: #a31d15; --bad-ground: #fde1de; --bad-bar: #d2382e }
@media (prefers-color-scheme: dark) { :root { --ground: #0e131a; --card: #18202a; --line: #303c4a; --text: #e7ecf2; --muted: #a4b1c0;
  --used: #6ea2ff; --free: #313d4b; --good: #7fdca6; --good-ground: #123323; --simulated: #c8b6ff; --simulated-ground: #2c2350;
  --warn: #f6c46b; --warn-ground: #3d2c0b; --warn-bar: #e09b2d; --bad: #ffa59d; --bad-ground: #47191a; --bad-bar: #f06a60 } }
* { box-sizing: border-box; margin: 0 }
body { background: var(--ground); color: var(--text); font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: anywhere }
main { max-width: 1240px; margin: 0 auto; padding: 28px 20px 40px }
h1 { font-size: 26px; line-height: 1.2 } h2 { font-size: 18px; margin: 32px 0 12px } h3 { font-size: 15px; font-weight: 600 }
p.muted, small, .small, footer { color: var(--muted); font-size: 13px; font-weight: 400 } .muted { color: var(--muted) }
footer { margin-top: 36px } code { font: 13px ui-monospace, monospace } ul, ol { padding: 0; list-style: none }
.note { margin-top: 14px; padding: 10px 14px; border-radius: 8px }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin-top: 18px }
.tiles > div, .card, table { background: var(--card); border: 1px solid var(--line); border-radius: 10px }
.tiles > div { padding: 12px 16px } dt, dd.more { color: var(--muted); font-size: 13px }
dd { font-size: 26px; font-weight: 650; line-height: 1.25 } dd.more { font-weight: 400 } dd small { font-size: 15px }
.problems ul { background: var(--bad-ground); color: var(--bad); border-radius: 10px; padding: 12px 16px; display: grid; gap: 6px }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 270px), 1fr)); gap: 12px }
.card { padding: 14px 16px; min-width: 0 } .card.wrong { border-color: var(--bad-bar) }
.card h3 { display: flex; align-items: center; gap: 8px; flex-wrap: wrap } .card h3 span:first-of-type { flex: 1 1 auto }
.labels { display: flex; flex-wrap: wrap; gap: 4px; margin-top: 6px } .labels li { font-size: 12px; color: var(--muted); border: 1px solid var(--line); border-radius: 5px; padding: 0 6px }
.row { display: flex; justify-content: space-between; gap: 12px; margin-top: 10px; font-size: 13px } .row span:last-child { text-align: right; color: var(--muted) }
.bar { display: block; width: 100%; height: 8px; margin-top: 4px; border-radius: 4px; background: var(--free) }
.small { margin-top: 3px } rect.used { fill: var(--used) } rect.warn { fill: var(--warn-bar) } rect.bad { fill: var(--bad-bar) }
.pods { display: block; width: 100%; max-width: 320px; margin-top: 4px; fill: var(--used) }
.pods.hollow rect { fill: none; stroke: var(--used); stroke-width: 1.2 }
.server { width: 22px; height: 22px; flex: none; fill: var(--muted) } .server.hollow rect { fill: none; stroke: var(--muted); stroke-width: 1.5; stroke-dasharray: 3 2 }
.light { fill: #3fbf78 } .light.off { fill: var(--bad-bar) }
.badge { display: inline-block; padding: 1px 9px; border-radius: 999px; font-size: 13px; font-weight: 500; border: 1px solid transparent }
.good { color: var(--good); background: var(--good-ground) } .simulated { color: var(--simulated); background: var(--simulated-ground) }
.badge.simulated { border: 1px dashed var(--simulated) }
.badge.warn { color: var(--warn); background: var(--warn-ground) } .badge.bad { color: var(--bad); background: var(--bad-ground) }
.badge.plain { color: var(--muted); border-color: var(--line) }
.reason { color: var(--warn); font-size: 13px; margin-top: 4px } .wrong .reason { color: var(--bad) }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 13px; color: var(--muted); margin-bottom: 12px }
.legend i { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px; vertical-align: -1px }
i.used { background: var(--used) } i.warn { background: var(--warn-bar) } i.bad { background: var(--bad-bar) } i.free { background: var(--free); outline: 1px solid var(--muted); outline-offset: -1px }
table { width: 100%; border-collapse: separate; border-spacing: 0 } th, td { text-align: left; vertical-align: top; padding: 9px 16px }
th { font-size: 13px; font-weight: 500; color: var(--muted) } td { border-top: 1px solid var(--line) } td b { font-weight: 600 }
th:nth-child(2), td:nth-child(2) { width: 20% } th:nth-child(3), td:nth-child(3) { width: 24% }
.steps { margin-top: 10px; display: grid; gap: 8px } .steps .bar { height: 14px; margin: 0 }
.steps li { display: grid; grid-template-columns: 11em 1fr 4em 7em; gap: 12px; align-items: center; font-size: 14px } .steps span:nth-of-type(2) { text-align: right }
@media (max-width: 600px) { main { padding: 20px 14px 32px } h1 { font-size: 22px } thead { display: none }
  table, tbody { display: block } tr { display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 10px 14px; border-top: 1px solid var(--line) } tr:first-child { border-top: 0 }
  td, td:nth-child(n) { display: block; border: 0; padding: 0; width: auto } td:first-child { width: 100% }
  td:not(:first-child)::before { content: attr(data-title) ": "; color: var(--muted); font-size: 13px }
  .tiles { grid-template-columns: 1fr 1fr } .steps li { grid-template-columns: 8.5em 1fr 3.4em; gap: 8px } .steps .muted { display: none } }
`
