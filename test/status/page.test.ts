import { expect, test } from 'vitest'
import { statusPage } from '../../tasks/lib/status/page/page.ts'
import { sampleStatus } from './sample.ts'

const attack = `<script>alert(1)</script>" onload='x' &amp;`
const escaped = '&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39; &amp;amp;'

/** The sample with every string that a cluster could choose replaced. */
function hostile<T>(value: T, kept = ['state', 'kind', 'outcome', 'takenAt', 'startedAt']): T {
  if (typeof value === 'string') return attack as T
  if (Array.isArray(value)) return value.map((item) => hostile(item, kept)) as T
  if (value === null || typeof value !== 'object') return value
  const fields = Object.entries(value).map(([key, field]) => [
    key,
    kept.includes(key) ? field : hostile(field, kept),
  ])
  return Object.fromEntries(fields)
}

test('no text of the cluster becomes markup', () => {
  const sample = sampleStatus()
  const page = statusPage(hostile({ ...sample, nodes: sample.nodes.map((node) => withLabel(node)) }))
  expect(page).not.toMatch(/<script|onload='|alert\(1\)<\/script>"/)
  // Target twice, every node's label twice, and all the rest.
  expect(page.split(escaped).length).toBeGreaterThan(60)
  expect(page).toContain(`<li>${escaped}=${escaped}</li>`)
})

function withLabel<T extends { labels: Record<string, string> }>(node: T): T {
  return { ...node, labels: { [attack]: 'x' } }
}

test('the page asks for nothing else', () => {
  const page = statusPage(sampleStatus())
  expect(page).not.toMatch(/<(script|link|img|iframe|object|embed)\b|url\(|@import|\b(src|href)=/)
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
})

test('simulated is said of nodes, workloads, load balancers and volumes, and ready of none', () => {
  const page = statusPage(sampleStatus({ simulated: true }))
  expect(page).toContain('no real machine stands behind')
  expect(page.match(/class="badge simulated">simulated/g)).toHaveLength(1 + 2 + 1)
  expect(page).not.toMatch(/>ready</)
  expect(page).toContain('15 claims bound (simulated)')
})

test('a real cluster is not called simulated', () => {
  expect(statusPage(sampleStatus({ simulated: false })).replace(/<style>.*<\/style>/s, '')).not.toMatch(
    /simulated/i,
  )
})

test('1,200 volumes are counted, not drawn one by one', () => {
  const page = statusPage(sampleStatus({ nodes: 30 }))
  expect(page.match(/<article class="card"><h3><span>kube\d+/g)).toHaveLength(30)
  expect(page).toContain('40 volumes, 102 GiB')
  expect(page.length).toBeLessThan(200_000)
})

test('a retired add-on is crossed out, with the reason and the way on', () => {
  const page = statusPage(sampleStatus())
  expect(page).toContain('<s>ingress-nginx</s>')
  expect(page).toContain('no releases any more (since 2026-03). The way on: Gateway API')
})
