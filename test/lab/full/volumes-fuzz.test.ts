import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DiskState, mayChange, plantScript, randomDiskState } from '../../support/disk-states.ts'
import { type Lab, openLab } from '../../support/lab.ts'
import type { LabMachine } from '../../support/lab-machine.ts'
import { labKey, labVolume, removal, volumesOn } from '../../support/lab-volumes.ts'

// FUZZ_STATES=200 for all of them; FUZZ_SEED to see the same ones again.
const count = Number(process.env.FUZZ_STATES ?? 16)
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000)
const together = 8

let lab: Lab
let kube1: LabMachine

beforeAll(async () => {
  lab = await openLab({ machines: [{ name: 'kube1', disks: ['300M', '64M'] }] })
  kube1 = lab.machine('kube1')
  labKey.read = 'cat /root/volume-key'
  await kube1.sh(`vgcreate -q vg0 /dev/ubdb; head -c 64 /dev/urandom >/root/volume-key
    dd if=/dev/urandom of=/dev/ubdc bs=1M 2>/dev/null || true; sync`)
})
afterAll(() => lab?.close())

const signal = new AbortController().signal

test(`B01 and B04 ${count} random states of disks (FUZZ_SEED=${seed}): no foreign byte is changed`, async () => {
  const random = numbers(seed)
  const other = await kube1.sh('sha256sum /dev/ubdc')
  let refused = 0
  for (let from = 0; from < count; from += together) {
    const states = Array.from({ length: Math.min(together, count - from) }, () => randomDiskState(random))
    refused += await tryStates(states)
  }
  expect(await kube1.sh('sha256sum /dev/ubdc')).toBe(other)
  console.log(`${count} states of seed ${seed}, ${refused} refused by the plan`)
}, 7_200_000)

/** Puts volumes into these states, applies the configuration to all of them, and looks at their bytes. */
async function tryStates(states: DiskState[]): Promise<number> {
  const tried = states.map((state, index) => ({
    state,
    volume: labVolume({ name: `v${index}`, size: '24Mi' }),
  }))
  for (const { state, volume } of tried)
    await kube1.sh(`(${plantScript(volume.name, state)}) >/dev/null 2>&1 || true`)
  const before = await hashes(tried.length)
  const volumes = volumesOn(kube1)
  const changes = await volumes.changes(...tried.map(({ volume }) => volume))
  // What is blocked stops a run as a whole: here each volume is a run of its own.
  const stopped = new Set(changes.filter(({ blocked }) => blocked).map(({ target }) => target))
  for (const change of changes) {
    if (stopped.has(change.target)) continue
    await change.run({ say: () => {}, signal }).catch(() => stopped.add(change.target))
  }
  const after = await hashes(tried.length)
  tried.forEach(({ state }, index) => {
    expect({ state, ...changedParts(before[index]!, after[index]!) }).toEqual({
      state,
      ...allowedParts(state),
    })
  })
  for (const { volume } of tried)
    await kube1.sh(`cryptsetup close other-${volume.name} 2>/dev/null; ${removal(volume)}`)
  return new Set(changes.filter(({ blocked }) => blocked).map(({ target }) => target)).size
}

interface Hashes {
  header: string
  inside: string
  end: string
}

// Of a mounted volume the last MiB is what no mount writes to.
async function hashes(many: number): Promise<Hashes[]> {
  const part = (skip: number, blocks: number) =>
    `dd if=$d bs=1M skip=${skip} count=${blocks} 2>/dev/null | sha256sum`
  const text = await kube1.sh(
    `sync; for n in $(seq 0 ${many - 1}); do d=/dev/vg0/v$n; ${part(0, 16)}; ${part(16, 7)}; ${part(23, 1)}; done`,
  )
  const lines = text.trim().split('\n')
  return Array.from({ length: many }, (_, index) => {
    const [header, inside, end] = lines.slice(index * 3)
    return { header: header!, inside: inside!, end: end! }
  })
}

function changedParts(before: Hashes, after: Hashes) {
  return {
    header: before.header !== after.header,
    inside: before.inside !== after.inside,
    end: before.end !== after.end,
  }
}

// What may change need not: an unchanged part of one that may is told as allowed.
function allowedParts(state: DiskState) {
  const may = mayChange(state)
  const maybe = expect.any(Boolean)
  return {
    header: may === 'all' ? maybe : false,
    inside: may === 'nothing' ? false : maybe,
    end: may === 'all' || may === 'inside' ? maybe : false,
  }
}

// A linear congruential generator: the same states for the same seed (Numerical Recipes' constants).
function numbers(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
