import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../tasks/lib/config/config.ts'
import type { Config } from '../../../tasks/lib/config/model.ts'
import { type NodeStep, planNodes } from '../../../tasks/lib/node/plan/plan-nodes.ts'
import { bootResources } from '../../../tasks/lib/node/unlock/boot.ts'
import { keyResources } from '../../../tasks/lib/node/unlock/key-access.ts'
import { keyServerWork, nodeKeyPairs } from '../../../tasks/lib/node/unlock/server/plan-key-server.ts'
import { volumesOfNode } from '../../../tasks/lib/node/volumes/volume.ts'
import { applyResources, changesOf } from '../../support/apply-resources.ts'
import { type Lab, openLab } from '../../support/lab.ts'
import type { LabMachine } from '../../support/lab-machine.ts'
import { makeVolumes, standIns } from '../../support/unlock-machines.ts'

const cluster = `
name: home
nodes:
  - name: kube1
    address: KUBE1
    volumes:
      - { name: data, vg: vg0, size: 64Mi, path: /srv/data }
      - { name: more, vg: vg0, size: 64Mi, path: /srv/more disk }
  - name: kube2
    address: KUBE2
    volumes: [{ name: data, vg: vg0, size: 64Mi, path: /srv/data }]
keyServer: { host: keys, address: KEYS }
`

let lab: Lab
let kube1: LabMachine
let keys: LabMachine
let config: Config

beforeAll(async () => {
  lab = await openLab({ machines: [{ name: 'kube1', disks: ['512M'] }, { name: 'keys' }] })
  kube1 = lab.machine('kube1')
  keys = lab.machine('keys')
  const text = cluster
    .replace('KUBE1', kube1.address)
    .replace('KUBE2', '10.78.0.99')
    .replace('KEYS', keys.address)
  await lab.writeCluster(text)
  await lab.writeCluster(await lab.knownHosts(), 'known_hosts')
  config = await loadConfig(lab.project)
})
afterAll(() => lab?.close())

// The key server's machine stands for kube2 as well: it reads with an SSH key of its own.
async function keyServer(): Promise<NodeStep[]> {
  const [one, two] = config.cluster.nodes
  const nodes = [
    { label: 'kube1', machine: kube1.asMachine(), volumes: volumesOfNode(one!, config.cluster) },
    { label: 'kube2', machine: keys.asMachine(), volumes: volumesOfNode(two!, config.cluster) },
  ]
  const work = await keyServerWork(nodes, { ...config.cluster.keyServer!, machine: keys.asMachine() })
  return [
    { name: 'node-ssh-keys', title: 'SSH keys', work: nodeKeyPairs(nodes) },
    { name: 'key-server', title: 'key server', work },
  ]
}

function steps(part: 'before' | 'after') {
  const node = config.cluster.nodes[0]!
  const volumes = volumesOfNode(node, config.cluster)
  const resources =
    part === 'before' ? keyResources(node, volumes, config) : bootResources(node, volumes, config)
  return [{ name: part, title: part, work: [{ machine: kube1.asMachine(), resources }] }]
}

describe('the key server', () => {
  test('takes over a key of an earlier toolkit as it is, and makes the others', async () => {
    await keys.sh(`useradd --create-home --home-dir /masterlock master
      mkdir -p /masterlock/keys/kube1
      head -c 64 /dev/urandom >/masterlock/keys/kube1/data
      chown -R master: /masterlock; chmod -R u=rX,go= /masterlock/keys; chmod 0700 /masterlock`)
    const before = await keys.sh('sha256sum /masterlock/keys/kube1/data')
    await applyResources(await keyServer())
    expect(await keys.sh('sha256sum /masterlock/keys/kube1/data')).toBe(before)
    expect(await keys.sh('runuser -u master -- sha256sum /masterlock/keys/kube1/data')).toBe(before)
    expect(await keys.sh('stat -c "%s %U:%G %a" /masterlock/keys/kube*/*')).toBe(
      '64 master:keys-kube1 440\n64 root:keys-kube1 440\n64 root:keys-kube2 440\n',
    )
  })

  test('keeps what sshd reads when sshd does not take the new text', async () => {
    const dropIn = '/etc/ssh/sshd_config.d/10-volume-keys.conf'
    await keys.sh(`echo '# by hand' >>${dropIn}; echo Nonsense yes >/etc/ssh/sshd_config.d/00-wrong.conf`)
    await expect(applyResources(await keyServer())).rejects.toThrow('Nonsense')
    expect(await keys.sh(`tail -n 1 ${dropIn}; rm /etc/ssh/sshd_config.d/00-wrong.conf`)).toBe('# by hand\n')
    expect(await applyResources(await keyServer())).toHaveLength(1)
  })

  test('needs nothing when it is planned again', async () => {
    expect((await changesOf(await keyServer())).map(({ title }) => title)).toEqual([])
  })
})

describe('a node', () => {
  test('reads its key, which is nowhere on it afterwards', async () => {
    await applyResources(steps('before'))
    const kept = await keys.sh('sha256sum </masterlock/keys/kube1/data')
    expect(await kube1.sh('volume-key data | sha256sum')).toBe(kept)
    expect(await kube1.sh(traces)).toBe('')
    expect(await changesOf(steps('before'))).toEqual([])
  })

  test('B15 reads no key of another node, writes none, and has no shell', async () => {
    const asked = (line: string) => kube1.try(`echo '${line}' | sftp -b - ${sshOptions} keys-kube1@keys`)
    expect((await asked('get /data /dev/shm/mine')).exitCode).toBe(0)
    for (const line of [
      'get /../kube2/data /dev/shm/x',
      'put /etc/hostname /new',
      'rm /data',
      'chmod 777 /data',
    ])
      expect((await asked(line)).exitCode, line).toBe(1)
    expect(await kube1.sh('ls -A /dev/shm; rm /dev/shm/mine')).toBe('mine\n')
    expect((await kube1.try(`ssh ${sshOptions} keys-kube2@keys -s sftp </dev/null`)).stderr).toContain(
      'denied',
    )
    const forwarded = `ssh ${sshOptions} -o ExitOnForwardFailure=yes -W 127.0.0.1:22 keys-kube1@keys </dev/null`
    expect(await kube1.try(forwarded)).toMatchObject({ stdout: '' })
    const shell = await kube1.try(`ssh ${sshOptions} keys-kube1@keys cat /data </dev/null`)
    expect(shell.stdout.trim()).toBe('This service allows sftp connections only.')
  })

  test('B15 asks a key server with another host key for nothing', async () => {
    await kube1.sh(`cd /etc/volume-keys; cp known_hosts kept; ${otherHostKey}`)
    const { cursor } = /cursor: (?<cursor>.*)/.exec(
      await keys.sh('journalctl --sync; journalctl -n 0 --show-cursor'),
    )!.groups!
    const ran = await kube1.try('volume-key data')
    await kube1.sh('cd /etc/volume-keys; mv kept known_hosts')
    expect(ran).toMatchObject({ exitCode: 1, stdout: '' })
    expect(ran.stderr).toContain('the host key of keys is not the pinned one, so no key was asked for')
    expect(
      await keys.sh(`journalctl --sync; journalctl -q -t sshd --after-cursor='${cursor}' -o cat`),
    ).not.toMatch(/keys-kube1/)
  })

  test('gets no key that is short or missing, and the plan names the short one', async () => {
    await keys.sh(
      'cd /masterlock/keys/kube1; mv data kept; head -c 31 /dev/urandom >data; chgrp keys-kube1 data; chmod 440 data',
    )
    expect(await kube1.try('volume-key data')).toMatchObject({ exitCode: 1, stdout: '' })
    const { findings } = await planNodes(await keyServer(), { parallel: 2 })
    expect(findings.map(({ message }) => message)).toEqual([
      'keys: the key /masterlock/keys/kube1/data has only 31 bytes, at least 32 are needed; it is kept as it is',
    ])
    await keys.sh('cd /masterlock/keys/kube1; mv kept data')
    expect(await kube1.try('volume-key nothing')).toMatchObject({ exitCode: 1, stdout: '' })
  })

  test('leaves no key behind when the program is killed', async () => {
    await kube1.sh('for ms in 1 2 4 8; do timeout -s KILL 0.$ms volume-key data >/dev/null; done; true')
    await kube1.until('! pgrep sftp')
    expect(await kube1.sh(traces)).toBe('')
  })
})

const sshOptions =
  '-F /dev/null -o BatchMode=yes -o LogLevel=ERROR -i /etc/volume-keys/id_ed25519 -o UserKnownHostsFile=/etc/volume-keys/known_hosts'
const traces = 'ls -A /run/volume-key; grep volume-key /proc/mounts; ls -A /dev/shm; true'
const otherHostKey =
  'ssh-keygen -q -t ed25519 -N "" -f other; echo "keys $(cut -d" " -f1,2 other.pub)" >known_hosts; rm other other.pub'

// Reads until it fails once, and tells how many bytes came then.
const readingNow =
  'sh -c \'while volume-key data >/root/key; do :; done; echo "$(wc -c </root/key)" >/root/reading; mv /root/reading /root/read\''

describe('a reboot', () => {
  let cut: string
  beforeAll(async () => {
    await kube1.sh(standIns(['containerd', 'kubelet']))
    await kube1.sh(makeVolumes(volumes()))
    await applyResources(steps('after'))
    expect(await changesOf(steps('after'))).toEqual([])
    await kube1.sh(`sync; nohup ${readingNow} >/dev/null 2>&1 &`)
    await keys.sh('until pid=$(pgrep -f "[s]shd: keys-kube1@"); do sleep 0.02; done; kill -STOP $pid')
    await keys.powerCut()
    await kube1.until('test -s /root/read', 60)
    cut = await kube1.sh('cat /root/read; ls -A /run/volume-key')
    await kube1.powerCut()
    await kube1.start()
  }, 300_000)

  test('B14 a key server that loses power while a key is read gives no part of it', () => {
    expect(cut).toBe('0\n')
  })

  test('B13 without its key server has ssh, no containers, and nothing written below the mount points', async () => {
    await kube1.until(`${status} | grep -q 'volume data:.*volume more:'`, 60)
    expect(await states()).toBe('ssh active, containerd inactive, kubelet inactive')
    expect(await kube1.sh('id -un', { user: 'ops' })).toBe('ops\n')
    for (const { path } of volumes()) {
      expect((await kube1.try(`touch '${path}/x'`)).stderr).toContain('Operation not permitted')
      expect(await kube1.sh(`ls -A '${path}'`)).toBe('')
    }
  })

  test('B15 with another host key asks for no key, and the unit says so', async () => {
    await kube1.sh(`cd /etc/volume-keys; cp known_hosts kept; ${otherHostKey}`)
    await keys.start()
    await kube1.until(`${status} | grep -q 'volume data:.*host key of keys is not the pinned one'`, 60)
    expect(await states()).toBe('ssh active, containerd inactive, kubelet inactive')
  })

  test('B14 with one volume that does not open keeps containers down and names it', async () => {
    await keys.sh('cd /masterlock/keys/kube1; cp -p data kept; cat more >data; sync')
    await kube1.sh('cd /etc/volume-keys; mv kept known_hosts')
    await kube1.until(`mountpoint -q '/srv/more disk'`, 60)
    await kube1.until(`${status} | grep -q 'waiting: volume data: No key available'`, 60)
    expect(await states()).toBe('ssh active, containerd inactive, kubelet inactive')
    expect(await kube1.sh(`cat '/srv/more disk/file'; cryptsetup status luks-data || true`)).toMatch(
      /^more\n.*inactive/,
    )
  })

  test('B13 starts all by itself once the keys are there again', async () => {
    await keys.sh('cd /masterlock/keys/kube1; mv -f kept data')
    await kube1.until('systemctl is-active kubelet && systemctl is-active containerd', 60)
    expect(await kube1.sh(`cat /srv/data/file; ${status}`)).toBe('data\nall volumes are mounted\n')
    expect(await kube1.sh(traces)).toBe('')
    expect(await changesOf(steps('after'))).toEqual([])
  })
})

const status = 'systemctl show -P StatusText metaltasks-volumes.service'

async function states(): Promise<string> {
  const units = ['ssh', 'containerd', 'kubelet']
  const said = await kube1.sh(`systemctl is-active ${units.join(' ')} || true`)
  return said
    .trim()
    .split('\n')
    .map((state, index) => `${units[index]} ${state}`)
    .join(', ')
}

function volumes() {
  return volumesOfNode(config.cluster.nodes[0]!, config.cluster)
}
