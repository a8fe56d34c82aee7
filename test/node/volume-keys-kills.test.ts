import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { keyServerStore } from '../../tasks/lib/node/volume-keys/key-server-store.ts'
import { readRotation } from '../../tasks/lib/node/volume-keys/rotation.ts'
import { rotationChanges } from '../../tasks/lib/node/volume-keys/rotation-changes.ts'
import { isUnderWay } from '../../tasks/lib/node/volume-keys/rotation-state.ts'
import { type End, killedMachine, seededRandom } from '../support/killed-machine.ts'
import { localMachine } from '../support/local-machine.ts'
import { hasCryptsetup, luksFile } from '../support/luks-file.ts'

const rounds = Number(process.env.KILL_ROUNDS ?? 12)
const progress = { say: () => {}, signal: new AbortController().signal }

test.skipIf(!hasCryptsetup)(
  'B08 killed at random, between any two commands or within one, a stored key opens the volume at every moment',
  async () => {
    const seed = Number(process.env.KILL_SEED ?? Date.now() % 100_000)
    const random = seededRandom(seed)
    const luks = luksFile()
    const ends: Record<number, End> = {}
    let scripts = 0
    const nextEnd = () => ends[scripts++]
    const machine = killedMachine(localMachine('kube1'), nextEnd)
    const keys = killedMachine(localMachine('keys'), nextEnd)
    const store = keyServerStore(keys, { path: luks.path, node: 'kube1', volume: 'data' })
    const rotated = { volume: { name: 'data', node: 'kube1', device: luks.device }, machine, store }
    const rotate = async () => {
      for (const change of rotationChanges(rotated, await readRotation(rotated))) await change.run(progress)
    }
    let kills = 0
    for (let round = 0; round < rounds; round++) {
      const end = random(2) === 0 ? { beforeCommand: 1 + random(8) } : { afterMilliseconds: 1 + random(60) }
      ends[scripts + 3 + random(20)] = end
      const said = await rotate().then(
        () => 'done',
        (error: Error) => error.message,
      )
      if (said !== 'done') kills++
      const stored = readFileSync(luks.keyFile)
      expect(luks.test(stored), `seed ${seed}, round ${round}: ${said}`).toBe(0)
      expect(luks.header().intact, `seed ${seed}, round ${round}`).toEqual([true, true])
    }
    for (const at of Object.keys(ends)) delete ends[Number(at)]
    for (let left = 0; left < 2 && isUnderWay((await readRotation(rotated)).facts); left++) await rotate()
    const { facts } = await readRotation(rotated)
    expect(isUnderWay(facts), `seed ${seed}`).toBe(false)
    expect(facts.slots, `seed ${seed}: no keyslot is left over`).toEqual(facts.current!.opens)
    expect(facts.slots).toHaveLength(1)
    expect(kills, 'kills').toBeGreaterThan(0)
    luks.close()
  },
  300_000,
)
