import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Config } from '../../tasks/lib/config/model.ts'
import { UnreachableError } from '../../tasks/lib/node/errors.ts'
import { factsOf } from '../../tasks/lib/node/facts/gather.ts'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import { openMachines } from '../../tasks/lib/node/ssh/machines.ts'
import { testConfig } from '../support/config.ts'
import { carefulPassword, type Lab, openLab } from '../support/lab.ts'
import type { LabMachine } from '../support/lab-machine.ts'

let lab: Lab
let kube1: LabMachine
const asked: string[] = []

beforeAll(async () => {
  lab = await openLab({ machines: [{ name: 'kube1', disks: ['256M'] }] })
  kube1 = lab.machine('kube1')
  writeFileSync(join(lab.project, 'known_hosts'), await lab.knownHosts())
})
afterAll(() => lab?.close())

/** The machine as this user reaches it. */
function as(user: string, password?: string): Machine {
  const { address } = kube1
  const node = {
    name: 'kube1',
    address,
    roles: ['control-plane' as const],
    labels: {},
    taints: [],
    volumes: [],
  }
  const ssh = { user, identity: lab.keyFile, parallel: 20 }
  const config: Config = { ...testConfig(lab.project, { nodes: [node], ssh }), configured: true }
  const askPassword = async (question: string) => {
    asked.push(question)
    return password!
  }
  const { signal } = new AbortController()
  const options = { signal, program: lab.sshProgram, ...(password && { askPassword }) }
  const machines = openMachines(config, options)
  onTestFinished(() => machines.close())
  return machines.of(node)
}

describe('a user who is not root', () => {
  test('becomes it by sudo', async () => {
    expect((await as('ops').run('id -un; cat', { input: 'in' })).stdout).toBe('root\nin')
  })

  test('gives the password for sudo once, for any number of scripts', async () => {
    const machine = as('careful', carefulPassword)
    const scripts = [1, 2, 3].map((number) => machine.run('cat; id -un', { input: `${number} ` }))
    expect((await Promise.all(scripts)).map(({ stdout }) => stdout)).toEqual([
      '1 root\n',
      '2 root\n',
      '3 root\n',
    ])
    expect(asked).toEqual(['password for sudo on kube1 and the other machines:'])
  })

  test('B16 gives the password so that no list of processes, log or history has it', async () => {
    const machine = as('careful', carefulPassword)
    const list = 'for i in 1 2 3 4 5 6; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr "\\0" " "; done'
    const [{ stdout }] = await Promise.all([machine.run(list), machine.run('sleep 0.5')])
    expect(stdout).toContain('sudo -k -S')
    expect(stdout).not.toContain(carefulPassword)
    const word = `${carefulPassword.slice(0, -1)}[${carefulPassword.at(-1)}]`
    const kept = `journalctl --no-pager | grep -c '${word}'; grep -rsl '${word}' /home /root /var/log || echo nowhere`
    expect(await kube1.sh(kept)).toBe('0\nnowhere\n')
  })

  test('with a wrong password is told so, after one attempt', async () => {
    const machine = as('careful', 'wrong-password')
    const scripts = await Promise.allSettled([machine.run('true'), machine.run('true'), machine.run('true')])
    for (const script of scripts)
      expect(script).toMatchObject({ reason: { message: 'kube1: sudo does not take this password' } })
    const failures = await kube1.sh('journalctl --no-pager _COMM=sudo | grep -c "authentication failure;"')
    expect(failures).toBe('1\n')
  })

  test('cannot be asked for a password without a terminal: exit code 64', async () => {
    await expect(as('careful').run('true')).rejects.toMatchObject({ exitCode: 64 })
  })

  test('who may not become root is told how to mend it', async () => {
    await kube1.sh(
      'useradd -m -s /bin/bash plain && cp -a /home/ops/.ssh /home/plain/ && chown -R plain: /home/plain',
    )
    await kube1.sh('echo plain:plain-password | chpasswd')
    await expect(as('plain', 'plain-password').run('true')).rejects.toThrow(
      'kube1: the user may not become root by sudo',
    )
  })

  test('for whom sudo wants a terminal is told how to mend it', async () => {
    await kube1.sh('echo "Defaults:ops requiretty" >/etc/sudoers.d/tty')
    await expect(as('ops').run('true')).rejects.toThrow('kube1: sudo wants a terminal')
    await kube1.sh('rm /etc/sudoers.d/tty')
  })

  test('where sudo is missing is told how to get it', async () => {
    await kube1.sh('mv /usr/bin/sudo /usr/bin/sudo.away')
    await expect(as('ops').run('true')).rejects.toThrow('kube1: sudo is not installed')
    await kube1.sh('mv /usr/bin/sudo.away /usr/bin/sudo')
  })
})

describe('facts', () => {
  test('of a real machine are whole', async () => {
    await kube1.sh('vgcreate -q vg0 /dev/ubdb')
    const facts = await factsOf(as('ops'))
    expect(facts).toMatchObject({
      hostname: 'kube1',
      machineId: expect.stringMatching(/^[0-9a-f]{32}$/),
      os: { id: 'debian', version: '12' },
      cgroup: 2,
      cpus: 1,
      swap: [],
      rebootRequired: false,
      volumeGroups: [{ name: 'vg0', bytes: 264241152, freeBytes: 264241152 }],
      modules: { dm_crypt: expect.stringMatching(/loaded|available/) },
      addresses: [kube1.address],
      users: expect.arrayContaining(['ops', 'careful']),
    })
    expect(facts.disks).toContainEqual({
      name: 'ubdb',
      bytes: 268435456,
      isRotating: false,
      signature: 'LVM2_member',
    })
    expect(Math.abs(facts.clock.aheadSeconds)).toBeLessThan(facts.clock.uncertainSeconds + 1)
  })

  test('doctor tells what is wrong with a machine: its clock, its memory', async () => {
    await kube1.sh('date -s "90 seconds"')
    await lab.writeCluster(
      `name: lab\nnodes:\n  - { name: kube1, address: ${kube1.address}, roles: [control-plane] }\nssh: { user: ops, identity: ${lab.keyFile} }\n`,
    )
    const { stdout } = await lab.tasks(['doctor', '--json'])
    const hosts = JSON.parse(stdout).sections.find(({ title }: { title: string }) => title === 'hosts')
    const details = hosts.results.map(({ detail }: { detail: string }) => detail).join('\n')
    expect(details).toMatch(/clock 1m(29|30|31)s ahead/)
    expect(details).toContain('1 CPU, a control plane takes 2')
    expect(details).toMatch(/99 of 100 writes are safe within/)
  })
})

test('a power cut in the middle of a script is told as such', async () => {
  const machine = as('root')
  const script = 'touch /run/begun; sleep 60'
  const outcome = machine.run(script, { title: 'mkfs.ext4 /dev/vg0/data' }).catch((error) => error)
  await kube1.until('test -e /run/begun')
  await kube1.powerCut()
  expect(await outcome).toBeInstanceOf(UnreachableError)
  expect((await outcome).message).toContain('mkfs.ext4 /dev/vg0/data may have run')
})
