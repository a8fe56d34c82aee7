import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { run } from '../support/cli.ts'
import { carefulPassword, type Lab, openLab, sweep } from '../support/lab.ts'
import type { LabMachine } from '../support/lab-machine.ts'
import { plantSignature } from '../support/signatures.ts'

let lab: Lab
let kube1: LabMachine
let kube2: LabMachine
beforeAll(async () => {
  const machines = [
    { name: 'kube1', disks: ['256M', '64M'] },
    { name: 'kube2', disks: ['64M'] },
    { name: 'keys' },
  ]
  lab = await openLab({ machines })
  kube1 = lab.machine('kube1')
  kube2 = lab.machine('kube2')
})
afterAll(() => lab?.close())

describe('a machine', () => {
  test('answers as root and sees the others by name', async () => {
    expect(await kube1.sh('hostname; id -un')).toBe('kube1\nroot\n')
    expect(await kube1.sh('ping -c 1 -W 5 keys')).toContain('1 received')
    await expect(kube1.sh('echo why >&2; exit 3')).rejects.toThrow(/exit code 3.*\nwhy/)
  })

  test('is a Machine of lib/node: a long script and its input come by stdin', async () => {
    const script = `${'# '.repeat(100_000)}\nwc -c; ps -ef | grep -c '[#] #'; exit 4`
    const ran = await kube1.asMachine().run(script, { input: new Uint8Array(70_000), allowFailure: true })
    expect(ran).toMatchObject({ stdout: '70000\n0\n', exitCode: 4 })
  })

  test('lets ops use sudo at once, and careful with a password', async () => {
    expect(await kube1.sh('sudo -n id -un', { user: 'ops' })).toBe('root\n')
    expect((await kube1.try('sudo -n id -un', { user: 'careful' })).exitCode).toBe(1)
    const input = `${carefulPassword}\n`
    expect(await kube1.sh('sudo -S id -un', { user: 'careful', input })).toBe('root\n')
  })

  test('installs a package without a network', async () => {
    await kube1.sh('apt-get install -y -qq tree && tree --version')
  })

  test('is reached by the command line, whose HOME and project are empty', async () => {
    const ran = await lab.tasks(['doctor', '--help'])
    expect(ran.exitCode, ran.stderr).toBe(0)
    const { argv, env } = lab.tasksCommand([])
    const ssh = ['-o', 'StrictHostKeyChecking=no', '-i', lab.keyFile, 'root@kube2', 'hostname']
    expect((await run(argv[0]!, [...argv.slice(1, 4), 'ssh', ...ssh], { env })).stdout).toBe('kube2\n')
  })
})

describe('a power cut', () => {
  test('in the middle of writing leaves what was synced, and the next boot activates the volume', async () => {
    await kube1.sh(`pvcreate -q /dev/ubdb && vgcreate -q vg0 /dev/ubdb && lvcreate -q -L 128M -n data vg0
      mkfs.ext4 -q /dev/vg0/data && mount /dev/vg0/data /srv && date >/srv/synced && sync
      nohup sh -c 'n=0; while :; do n=$((n + 1)); echo $n >/srv/$n; done' >/dev/null 2>&1 &
      echo unsynced >/srv/unsynced`)
    await kube1.powerCut()
    expect(await kube1.isUp()).toBe(false)
    await kube1.snapshot('after the cut')
    await kube1.start()
    await kube1.until('test -e /dev/vg0/data')
    expect(await kube1.sh('mount /dev/vg0/data /srv && ls /srv')).toMatch(/^synced$/m)
    expect(await kube1.sh('ls /srv')).not.toMatch(/^unsynced$/m)
  })

  test('can be undone: the disks of a snapshot come back, with a wrong clock and a foreign signature', async () => {
    await kube1.sh('echo later >/root/later; sync')
    await kube1.powerCut()
    await kube1.restore('after the cut')
    await plantSignature(kube1.disk(2), 'luks')
    await kube1.start({ clockSkewSeconds: 86_400 })
    expect(await kube1.sh('ls /root')).toBe('')
    expect(await kube1.sh('blkid -p -o value -s TYPE /dev/ubdc')).toBe('crypto_LUKS\n')
    expect(Number(await kube1.sh('date +%s')) - Date.now() / 1000).toBeGreaterThan(86_000)
  })
})

describe('a machine that starts again', () => {
  test('is the same one after a reboot from inside', async () => {
    const before = await kube2.sh('cat /proc/sys/kernel/random/boot_id')
    await kube2.reboot()
    expect(await kube2.sh('cat /proc/sys/kernel/random/boot_id')).not.toBe(before)
  })

  test('is another one with the same data disk after it was replaced', async () => {
    await kube2.sh('mkswap -q /dev/ubdb; echo here >/root/here; sync')
    const key = (await lab.knownHosts()).split('\n')[1]
    await kube2.shutdown()
    await kube2.replace()
    await kube2.start()
    expect((await lab.knownHosts()).split('\n')[1]).not.toBe(key)
    expect(await kube2.sh('ls /root; blkid -p -o value -s TYPE /dev/ubdb')).toBe('swap\n')
  })
})

describe('another lab', () => {
  test('with the same names and addresses is another world, and is swept when its process was killed', async () => {
    const other = await openedByAProcess('kube1')
    const options = [
      '-i',
      `${other.folder}/id_ed25519`,
      '-o',
      `UserKnownHostsFile=${other.folder}/known_hosts`,
    ]
    const ssh = ['netns', 'exec', other.namespace, 'ssh', ...options, 'root@kube1', 'cat /etc/hosts']
    expect((await run('ip', ssh)).stdout).toBe('127.0.0.1 localhost\n10.78.0.11 kube1\n')
    expect(await kube1.sh('echo here')).toBe('here\n')
    await other.kill()
    await sweep()
    expect(existsSync(other.folder)).toBe(false)
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(other.folder)
    expect((await run('ip', ['netns', 'list'])).stdout).not.toContain(other.namespace)
    expect((await run('ps', ['-ef'])).stdout).not.toContain(other.folder)
    expect(await kube1.sh('echo still here')).toBe('still here\n')
  })
})

async function openedByAProcess(name: string) {
  const args = ['--import', 'tsx', join(packageRoot(), 'test/support/open-lab.ts'), name]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)
  for await (const line of child.stdout) {
    const { namespace, folder } = JSON.parse(String(line)) as { namespace: string; folder: string }
    return { namespace, folder, kill }
  }
  throw new Error('the process ended before its lab was open')
}
