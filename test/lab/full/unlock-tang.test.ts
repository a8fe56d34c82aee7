import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../../tasks/lib/config/config.ts'
import { pinOf, sealedKey } from '../../../tasks/lib/node/unlock/sealed-key.ts'
import { volumesOfNode } from '../../../tasks/lib/node/volumes/volume.ts'
import { applyResources } from '../../support/apply-resources.ts'
import { type Lab, openLab } from '../../support/lab.ts'
import type { LabMachine } from '../../support/lab-machine.ts'
import { standIns } from '../../support/unlock-machines.ts'

let lab: Lab
let kube1: LabMachine
let tang: LabMachine

beforeAll(async () => {
  lab = await openLab({ machines: [{ name: 'kube1', disks: ['512M'] }, { name: 'tang' }] })
  kube1 = lab.machine('kube1')
  tang = lab.machine('tang')
  await lab.writeCluster(await lab.knownHosts(), 'known_hosts')
  await tang.sh(
    'rm -f /var/lib/tang/*; /usr/libexec/tangd-keygen /var/lib/tang; chown _tang: /var/lib/tang/*',
  )
  await tang.sh('systemctl enable --now tangd.socket')
  await kube1.sh('vgcreate -q vg0 /dev/ubdb')
})
afterAll(() => lab?.close())

async function writeCluster(thumbprint: string): Promise<void> {
  await lab.writeCluster(`
name: home
ssh: { user: ops, identity: "${lab.keyFile}" }
nodes:
  - name: kube1
    address: ${kube1.address}
    volumes: [{ name: data, vg: vg0, size: 128Mi, path: /srv/data }]
tang: { url: "http://${tang.address}", thumbprint: "${thumbprint}" }
`)
}

const status = 'systemctl show -P StatusText metaltasks-volumes.service'

test('a Tang server with another key than the pinned one seals nothing', async () => {
  await writeCluster('p1Ag_OmPFiTy36_1oNf9QdfZYR0P8UOS0BJqFjmxNTg')
  const { cluster } = await loadConfig(lab.project)
  const [volume] = volumesOfNode(cluster.nodes[0]!, cluster)
  const work = [{ machine: kube1.asMachine(), resources: [sealedKey(volume!, pinOf(cluster)!)] }]
  await expect(applyResources([{ name: 'keys', title: 'keys', work }])).rejects.toThrow('clevis encrypt tang')
  expect(await kube1.sh('ls /etc/volume-keys/*.jwe || true')).toBe('')
})

test('a volume gets a key that only the Tang server unseals, kept in its header', async () => {
  await writeCluster((await tang.sh('tang-show-keys')).trim())
  const ran = await lab.tasks(['volumes', '--yes'])
  expect(ran.exitCode, ran.stderr).toBe(0)
  expect(await kube1.sh('mountpoint /srv/data; clevis luks list -d /dev/vg0/data')).toContain(
    `0: tang '{"url":"http://${tang.address}"}'`,
  )
  // The header alone is enough: the volume may move to another machine.
  await kube1.sh('volume-key data | sha256sum >/root/first; rm /etc/volume-keys/data.jwe')
  expect(await kube1.sh('volume-key data | sha256sum | cmp - /root/first')).toBe('')
}, 400_000)

test('B13 without its Tang server containers stay down after a boot; when it returns, all start', async () => {
  await kube1.sh(standIns(['containerd', 'kubelet']))
  await kube1.sh('echo kept >/srv/data/file; sync')
  await tang.sh('systemctl stop tangd.socket')
  await kube1.powerCut()
  await kube1.start()
  await kube1.until(`${status} | grep -q 'volume data: volume-key: no key of data'`, 60)
  expect((await kube1.try('systemctl is-active ssh containerd kubelet')).stdout).toBe(
    'active\ninactive\ninactive\n',
  )
  expect((await kube1.try('touch /srv/data/x')).stderr).toContain('Operation not permitted')
  await tang.sh('systemctl start tangd.socket')
  await kube1.until('systemctl is-active containerd kubelet', 90)
  expect(await kube1.sh(`cat /srv/data/file; ${status}`)).toBe('kept\nall volumes are mounted\n')
})
