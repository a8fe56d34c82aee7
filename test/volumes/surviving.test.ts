import { expect, test } from 'vitest'
import { judged } from '../../tasks/lib/volumes/surviving-volumes.ts'
import { sampleVolume } from '../support/volume-states.ts'

const known = '11111111-2222-4333-8444-555555555555'
const other = '99999999-2222-4333-8444-555555555555'
const volume = sampleVolume()

test('H01 a volume with the LUKS UUID of its backup is kept', () => {
  expect(judged(volume, { known, present: known, isGiven: false })).toEqual({
    severity: 'note',
    message: `volume kube1/data is kept as it is: LUKS UUID ${known}`,
  })
})

test('H01 one that is not there, or another one, is refused until it is named', () => {
  expect(judged(volume, { known, isGiven: false })).toMatchObject({
    severity: 'error',
    message: `volume kube1/data: it had LUKS UUID ${known}, and nothing of it is on this machine`,
    hint: 'bring its disk back; or, if its data may be lost, name it: --new-volumes data',
  })
  expect(judged(volume, { known, present: other, isGiven: false })).toMatchObject({
    severity: 'error',
    message: `volume kube1/data: /dev/vg0/data has LUKS UUID ${other}, not ${known} as it had`,
  })
  expect(judged(volume, { known, isGiven: true })).toMatchObject({
    severity: 'warning',
    message: expect.stringContaining('will be made anew, and empty'),
  })
})
