import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HeldEndpoint, Peer } from '../../tasks/lib/kubernetes/endpoint/endpoint.ts'
import { haproxyConfig } from '../../tasks/lib/kubernetes/endpoint/haproxy.ts'
import {
  keepalivedConfig,
  readyProgram,
  readyProgramText,
} from '../../tasks/lib/kubernetes/endpoint/keepalived.ts'
import { selfSigned } from '../../tasks/lib/secrets/generate/tls.ts'
import { bridgeScript, linkScript, sh } from './namespaces.ts'

/*
 * Small machines that are network, process and mount namespaces on one bridge: each with a server in the place of its
 * API server, HAProxy and keepalived, as their files have them. For root, with haproxy, keepalived and socat.
 */

export interface EndpointBed {
  machines: BedMachine[]
  /** The one that has the endpoint's address; undefined where none or several have. */
  holder(): Promise<BedMachine | undefined>
  /** What a client hears at the endpoint, which it asks ten times a second: when, and from whose API server. */
  answers: { at: number; from: string }[]
  close(): Promise<void>
}

export interface BedMachine extends Peer {
  /** Runs a command in its network. */
  sh(command: string): Promise<string>
  /** Everything ends at once, and nobody answers at its addresses. */
  powerOff(): Promise<void>
  powerOn(): Promise<void>
  /** Kills one of its programs with -9: "haproxy", "server". */
  kill(program: string): Promise<void>
}

export const bedEndpoint: HeldEndpoint = {
  host: '10.99.0.10',
  port: 8443,
  provider: 'keepalived',
  routerId: 77,
}

/** Makes the machines and switches them on. `edit` may change keepalived.conf. */
export async function openEndpointBed({
  edit = (text) => text,
}: {
  edit?(text: string): string
} = {}): Promise<EndpointBed> {
  await sh(
    'for one in haproxy keepalived socat unshare ip; do command -v $one || { echo no $one here >&2; exit 1; }; done',
  )
  const folder = mkdtempSync(join(tmpdir(), 'metaltasks-endpoint-'))
  const mark = `mt${process.pid}`
  const peers = [1, 2, 3].map((number) => ({ name: `kube${number}`, address: `10.99.0.${number}` }))
  await sh(bridgeScript(mark))
  const client = await startClient(mark)
  const pair = await selfSigned(['endpoint'], { days: 1, now: new Date() })
  const machines = peers.map((peer) => {
    const files = join(folder, peer.name)
    mkdirSync(files)
    const keepalived = keepalivedConfig(peer, {
      endpoint: bedEndpoint,
      cluster: 'bed',
      peers,
      interface: 'eth0',
    })
    writeFileSync(join(files, 'haproxy.cfg'), haproxyConfig(bedEndpoint, peers))
    writeFileSync(join(files, 'keepalived.conf'), edit(keepalived))
    writeFileSync(join(files, 'ready'), readyProgramText, { mode: 0o755 })
    writeFileSync(join(files, 'tls.pem'), pair.certificate + pair.key)
    writeFileSync(join(files, 'machine.sh'), machineScript(peer, files))
    return bedMachine(peer, { mark, files })
  })
  await Promise.all(machines.map((machine) => machine.powerOn()))
  const held = `ip -o addr show dev eth0 | grep -c ' ${bedEndpoint.host}/' || :`
  return {
    machines,
    async holder() {
      const counts = await Promise.all(machines.map((machine) => machine.sh(held)))
      const holders = machines.filter((_, index) => counts[index]!.trim() === '1')
      return holders.length === 1 ? holders[0] : undefined
    },
    answers: client.answers,
    async close() {
      await Promise.all(machines.map((machine) => machine.powerOff()))
      await client.end()
      await sh(`ip netns del ${mark}-bridge`)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function bedMachine(peer: Peer, { mark, files }: { mark: string; files: string }): BedMachine {
  const namespace = `${mark}-${peer.name}`
  let child: ChildProcess | undefined
  return {
    ...peer,
    sh: async (command) =>
      child ? sh(`ip netns exec ${namespace} sh -c '${command.replaceAll("'", `'\\''`)}'`) : '',
    async powerOn() {
      await sh(`ip netns add ${namespace}; ${linkScript(mark, { namespace, address: peer.address })}`)
      const words = [
        'netns',
        'exec',
        namespace,
        'unshare',
        '-m',
        '-p',
        '-f',
        '--kill-child=KILL',
        '--mount-proc',
      ]
      child = spawn('ip', [...words, 'sh', join(files, 'machine.sh')], { stdio: 'ignore' })
    },
    async powerOff() {
      if (!child) return
      const gone = new Promise((resolve) => child!.once('close', resolve))
      child.kill('SIGKILL')
      child = undefined
      await sh(`ip netns del ${namespace}`)
      await gone
    },
    async kill(program) {
      const pids = await sh(`ip netns pids ${namespace}`)
      const its = pids.split('\n').filter((pid) => pid && comm(pid) === program)
      for (const pid of its) process.kill(Number(pid), 'SIGKILL')
    },
  }
}

// Checks of keepalived come and go in between.
function comm(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return undefined
  }
}

// /run is its own.
function machineScript({ name }: Peer, files: string): string {
  return `mount -t tmpfs tmpfs /run && mkdir -p /run/haproxy /etc/keepalived
mount -t tmpfs tmpfs /etc/keepalived && cp ${files}/ready ${readyProgram} && chmod 755 ${readyProgram}
cd ${files}
${process.execPath} -e '${serverProgram}' ${name} ${files}/tls.pem &
haproxy -W -f haproxy.cfg -p /run/haproxy.pid &
keepalived --dont-fork -f keepalived.conf -l &
wait
`
}

const serverProgram = `
const pem = require("fs").readFileSync(process.argv[2])
require("https").createServer({ key: pem, cert: pem }, (_, response) => response.end(process.argv[1])).listen(6443)
`

async function startClient(mark: string) {
  const namespace = `${mark}-client`
  await sh(`ip netns add ${namespace}; ${linkScript(mark, { namespace, address: '10.99.0.100' })}`)
  const words = ['netns', 'exec', namespace, process.execPath, '-e', clientProgram]
  const child = spawn('ip', words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const answers: EndpointBed['answers'] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const from of text.split('\n').filter(Boolean)) answers.push({ at: performance.now(), from })
  })
  const end = async () => {
    const gone = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGKILL')
    await gone
    await sh(`ip netns del ${namespace}`)
  }
  return { answers, end }
}

const clientProgram = `
const { get } = require("https")
setInterval(() => {
  const options = { host: "${bedEndpoint.host}", port: ${bedEndpoint.port}, rejectUnauthorized: false, agent: false, timeout: 1000 }
  get(options, (answer) => answer.on("data", (from) => console.log(String(from))).on("error", () => {}))
    .on("timeout", function () { this.destroy() }).on("error", () => {})
}, 100)
`
