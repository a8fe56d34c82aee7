import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { statusPage } from '../../tasks/lib/status/page/page.ts'
import { sampleStatus } from '../status/sample.ts'
import { run, runTasks, temporaryFolder, writeFiles } from '../support/cli.ts'

const broken = `
apiVersion: v1
kind: Namespace
metadata: { name: strict, labels: { pod-security.kubernetes.io/enforce: restricted } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: root, namespace: strict }
spec:
  selector: { matchLabels: { app: root } }
  template:
    metadata: { labels: { app: root } }
    spec: { containers: [{ name: app, image: "app:1", securityContext: { privileged: true } }] }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data, namespace: strict }
spec: { accessModes: [ReadWriteOnce], storageClassName: fast, resources: { requests: { storage: 1Gi } } }
`

describe('status of a sandbox', () => {
  const root = mkdtempSync(join(tmpdir(), 'status-'))
  const env = { XDG_STATE_HOME: join(root, 'state'), K8S_NODES: undefined, NODE: undefined }
  const tasks = (...args: string[]) => runTasks(args, { cwd: root, env })
  const status = async () => JSON.parse((await tasks('status', '--json')).stdout)

  beforeAll(async () => {
    writeFiles(root, { '.env': '', 'manifests/broken.yaml': broken })
  })
  afterAll(async () => {
    await tasks('sandbox:down', '--purge')
    rmSync(root, { recursive: true, force: true })
  })

  test('that does not run says so with the next command, and starts nothing', async () => {
    const { exitCode, stdout, stderr } = await tasks('status')
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    expect(stderr).toBe('error: the sandbox is not running\nhint: start it with: tasks sandbox:up\n')
    expect(JSON.parse((await tasks('sandbox:status', '--json')).stdout)).toMatchObject({ state: 'absent' })
  })

  test('shows the base layer after install, all of it simulated and nothing to look at', async () => {
    const installed = await tasks('install', '--json')
    expect(installed.exitCode, `${installed.stderr}${installed.stdout}`).toBe(0)
    const { nodes, workloads, volumes, addons, lastRun, problems } = await status()
    expect(problems).toEqual([])
    expect(nodes.map(({ name, state, simulated }: Row) => [name, state, simulated])).toEqual([
      ['kube1', 'ready', true],
      ['kube2', 'ready', true],
      ['kube3', 'ready', true],
    ])
    expect(workloads.map(({ name }: Row) => name)).toContain('kube-flannel-ds')
    expect(workloads.every(({ state, simulated }: Row) => state === 'ready' && simulated)).toBe(true)
    expect(volumes.groups).toHaveLength(9)
    expect(volumes.groups.reduce((sum: number, { count }: Row) => sum + count, 0)).toBe(123)
    const versioned = addons.filter(({ configured }: Row) => configured !== null)
    expect(versioned.length).toBeGreaterThan(3)
    for (const { running, configured } of versioned) expect(running).toBe(configured)
    expect(lastRun).toMatchObject({ task: 'install', outcome: 'done' })
    expect(lastRun.steps.map(({ name }: Row) => name)).toContain('flannel')
  })

  test('names what is not ready with the reason, and the run that failed', async () => {
    expect((await tasks('apply', 'broken', '--timeout', '5')).exitCode).toBe(1)
    const { workloads, volumes, lastRun } = await status()
    const root = workloads.find(({ name }: Row) => name === 'root')
    expect(root).toMatchObject({ namespace: 'strict', state: 'failed', ready: 0, wanted: 1 })
    expect(root.reason).toMatch(/violates PodSecurity "restricted/)
    expect(volumes.pendingClaims).toMatchObject([{ namespace: 'strict', name: 'data', storageClass: 'fast' }])
    expect(volumes.pendingClaims[0].reason).toMatch(/"fast" not found/)
    expect(lastRun).toMatchObject({ task: 'apply', outcome: 'failed' })
    const { stdout, exitCode } = await tasks('status')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/To look at\n {2}Deployment strict\/root: .*violates PodSecurity/)
  })

  test('--html writes the page and prints nothing to stdout', async () => {
    const { exitCode, stdout, stderr } = await tasks('status', '--html', 'status.html')
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: '', stderr: 'wrote status.html\n' })
    expect(readFileSync(join(root, 'status.html'), 'utf8')).toContain('violates PodSecurity')
  })

  test('--html into a folder that is not there names the folder', async () => {
    const { exitCode, stderr } = await tasks('status', '--html', 'no/where.html')
    expect(exitCode).toBe(1)
    expect(stderr).toBe('error: no/where.html cannot be written: there is no folder no\nhint: mkdir -p no\n')
  })
})

// biome-ignore lint/suspicious/noExplicitAny: rows of a JSON document
type Row = any

const chromium = findProgram(['chromium', 'chromium-browser', 'google-chrome'])
const missing = chromium ? '' : ' (skipped: no chromium in PATH)'

describe.skipIf(!chromium)(`the status page in chromium${missing}`, () => {
  const long = 'unbreakable'.repeat(20)
  const pages = {
    'of 3 simulated nodes': statusPage(sampleStatus()),
    'of 30 nodes with 1,200 volumes': statusPage(sampleStatus({ nodes: 30, simulated: false })),
    'with very long names': statusPage(JSON.parse(JSON.stringify(sampleStatus()).replaceAll('kube1', long))),
  }
  const views = Object.entries(pages).flatMap(([name, page]) =>
    [1280, 390].flatMap((width) =>
      (['light', 'dark'] as const).map(
        (scheme) => [`${name} at ${width} pixels, ${scheme}`, { page, width, scheme }] as const,
      ),
    ),
  )

  test.each(views)('%s, fits without scrolling sideways and has contrast', async (_, view) => {
    const seen = await measure(view)
    expect(seen.scrollWidth).toBeLessThanOrEqual(view.width)
    expect(seen.texts).toBeGreaterThan(50)
    expect(seen.faint).toEqual([])
    const [red] = seen.ground.match(/\d+/g) ?? []
    expect(Number(red) > 128).toBe(view.scheme === 'light')
  })
})

interface View {
  page: string
  width: number
  scheme: 'light' | 'dark'
}

interface Seen {
  scrollWidth: number
  ground: string
  texts: number
  /** Texts with a contrast below 4.5 to what is behind them. */
  faint: string[]
}

// A window of chromium has a least width, a frame has none.
async function measure({ page, width, scheme }: View): Promise<Seen> {
  const folder = temporaryFolder()
  const source = page.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  const frame = `<iframe id="frame" srcdoc="${source}" style="border:0;width:${width}px;height:4000px"></iframe>`
  const script = `frame.onload = () => { result.textContent = JSON.stringify((${look})(frame.contentWindow)) }`
  const file = join(folder, 'measure.html')
  writeFileSync(file, `<!doctype html><pre id="result"></pre>${frame}<script>${script}</script>`)
  const dark = `--blink-settings=preferredColorScheme=${scheme === 'dark' ? 0 : 1}`
  const { stdout, stderr } = await run(chromium!, [
    ...flags,
    dark,
    `--user-data-dir=${folder}`,
    `file://${file}`,
  ])
  const result = /<pre id="result">(.*?)<\/pre>/s.exec(stdout)?.[1]
  if (!result) throw new Error(`chromium measured nothing: ${stderr}`)
  return JSON.parse(result.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'))
}

const flags = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--hide-scrollbars'],
  ...['--virtual-time-budget=5000', '--dump-dom', '--window-size=1400,4000'],
]

// Runs in the browser. Contrast as WCAG 2.2 defines it: relative luminances, each with 0.05 of stray light.
const look = `(view) => {
  const { document } = view
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number)
  const groundOf = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = view.getComputedStyle(one).backgroundColor
      if (!/, 0\\)$/.test(colour)) return colour
    }
    return 'rgb(255, 255, 255)'
  }
  const luminance = (colour) => {
    const [r, g, b] = channels(colour).map((value) => value / 255)
      .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b)
    return (high + 0.05) / (low + 0.05)
  }
  const faint = []
  let texts = 0
  for (const element of document.body.querySelectorAll('*')) {
    const own = [...element.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ data }) => data.trim()).join('')
    if (!own || element.closest('svg') || !element.getClientRects().length) continue
    texts++
    const ratio = contrast(view.getComputedStyle(element).color, groundOf(element))
    if (ratio < 4.5) faint.push(own + ' ' + ratio.toFixed(2))
  }
  const ground = view.getComputedStyle(document.body).backgroundColor
  return { scrollWidth: document.documentElement.scrollWidth, ground, texts, faint }
}`

function findProgram(names: string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)))
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
