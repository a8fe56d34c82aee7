import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { haproxyConfig } from '../../tasks/lib/kubernetes/endpoint/haproxy.ts'
import {
  keepalivedConfig,
  readyProgram,
  readyProgramText,
} from '../../tasks/lib/kubernetes/endpoint/keepalived.ts'
import { temporaryFolder } from '../support/cli.ts'
import { type BedMachine, bedEndpoint, type EndpointBed, openEndpointBed } from '../support/endpoint-bed.ts'

let bed: EndpointBed

const peers = [1, 2, 3].map((number) => ({ name: `kube${number}`, address: `10.99.0.${number}` }))
const peersOfV6 = peers.map((peer, index) => ({ ...peer, address: `fd00::${index + 1}` }))

beforeAll(async () => {
  bed = await openEndpointBed()
})
afterAll(() => bed?.close())

/** The one machine that has the address, once the client was answered after that moment. */
async function holderAfter(moment: number): Promise<BedMachine> {
  let holder: BedMachine | undefined
  const find = async () => {
    holder = (bed.answers.at(-1)?.at ?? 0) > moment ? await bed.holder() : undefined
    return holder?.name
  }
  await expect.poll(find, { timeout: 20_000 }).toBeTruthy()
  return holder!
}

/** How long the client heard nothing, at most, since that moment: in milliseconds. */
function longestSilence(since: number): number {
  const times = bed.answers.map(({ at }) => at).filter((at) => at > since)
  return Math.round(Math.max(...times.map((at, index) => at - (times[index - 1] ?? since))))
}

test.each([
  ['IPv4', bedEndpoint, peers],
  ['IPv6', { ...bedEndpoint, host: 'fd00::10' }, peersOfV6],
  ['one control plane', bedEndpoint, peers.slice(0, 1)],
] as const)('E01 HAProxy and keepalived accept their files: %s', async (_case, endpoint, all) => {
  const [machine] = bed.machines
  const texts = { endpoint, cluster: 'home', peers: all, interface: 'eth0' }
  const folder = temporaryFolder({ 'haproxy.cfg': haproxyConfig(endpoint, all), ready: readyProgramText })
  await machine!.sh(`chmod 755 ${folder}/ready`)
  expect(await machine!.sh(`haproxy -c -f ${folder}/haproxy.cfg`)).toBe('Configuration file is valid\n')
  for (const peer of all) {
    const text = keepalivedConfig(peer, texts).replace(readyProgram, join(folder, 'ready'))
    writeFileSync(join(folder, 'keepalived.conf'), text)
    expect(await machine!.sh(`keepalived -t -f ${folder}/keepalived.conf 2>&1`)).toBe('')
  }
})

test('E02 the endpoint moves when its holder is powered off, and stays when that comes back', async () => {
  const first = await holderAfter(performance.now())
  const moment = performance.now()
  await first.powerOff()
  const second = await holderAfter(moment + 2000)
  const silence = longestSilence(moment)
  console.log(`E02 the endpoint moved from ${first.name} to ${second.name}: silent for ${silence} ms`)
  expect(second.name).not.toBe(first.name)

  await first.powerOn()
  const back = performance.now()
  const holders = new Set<string | undefined>()
  while (performance.now() - back < 10_000) {
    holders.add((await bed.holder())?.name)
    await sleep(200)
  }
  expect([...holders]).toEqual([second.name])
  expect(longestSilence(back)).toBeLessThan(2000)
  expect(new Set(bed.answers.filter(({ at }) => at > back).map(({ from }) => from))).toContain(first.name)
})

test('E02 the endpoint leaves a machine whose HAProxy has ended', async () => {
  const first = await holderAfter(performance.now())
  const moment = performance.now()
  await first.kill('haproxy')
  const second = await holderAfter(moment + 2000)
  console.log(`E02 the endpoint left a dead HAProxy: silent for ${longestSilence(moment)} ms`)
  expect(second.name).not.toBe(first.name)
})
