import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { carefulPassword, type Lab, openLab } from '../support/lab.ts'

let lab: Lab
beforeAll(async () => {
  lab = await openLab({ machines: [{ name: 'kube1', disks: ['256M'] }, { name: 'keys' }] })
})
afterAll(() => lab?.close())

describe('a machine', () => {
  test('answers as root by name and sees the others', async () => {
    const kube1 = lab.machine('kube1')
    expect(await kube1.sh('hostname; id -un')).toBe('kube1\nroot\n')
    expect(await kube1.sh('ping -c 1 -W 5 keys')).toContain('1 received')
  })

  test('lets ops use sudo at once, and careful with a password', async () => {
    const kube1 = lab.machine('kube1')
    expect(await kube1.sh('sudo -n id -un', { user: 'ops' })).toBe('root\n')
    expect((await kube1.try('sudo -n id -un', { user: 'careful' })).exitCode).toBe(1)
    const input = `${carefulPassword}\n`
    expect(await kube1.sh('sudo -S id -un', { user: 'careful', input })).toBe('root\n')
  })

  test('installs a package without a network', async () => {
    await lab.machine('kube1').sh('apt-get install -y tree && tree --version')
  })
})
