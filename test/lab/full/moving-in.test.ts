import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeFiles } from '../../support/cli.ts'
import { type Lab, openLab } from '../../support/lab.ts'
import type { LabMachine } from '../../support/lab-machine.ts'
import { plannedChanges } from '../../support/node-steps.ts'

let lab: Lab
let kube1: LabMachine
let keys: LabMachine
let data: string

/** Commands that make, wipe or remove what holds data. */
const dangerous = /luksFormat|mkfs|wipefs|lvcreate|lvremove|lvreduce|vgremove|pvcreate|kubeadm reset|\brm -r/

beforeAll(async () => {
  lab = await openLab({ machines: [{ name: 'kube1', disks: ['1G'] }, { name: 'keys' }] })
  kube1 = lab.machine('kube1')
  keys = lab.machine('keys')
  const stored = await keys.sh(`useradd --create-home --home-dir /masterlock master
    mkdir -p /masterlock/keys/kube1
    head -c 64 /dev/urandom >/masterlock/keys/kube1/volkube; head -c 64 /dev/urandom >/masterlock/keys/kube1/media
    chown -R master: /masterlock; chmod -R go= /masterlock
    base64 -w0 /masterlock/keys/kube1/volkube; echo; base64 -w0 /masterlock/keys/kube1/media; echo`)
  await kube1.sh(asTheOldPlaybookDid, { input: stored })
  data = await fingerprint()
  writeFiles(
    join(lab.folder, 'old'),
    oldCheckout({ address: kube1.address, server: keys.address, keyFile: lab.keyFile }),
  )
}, 180_000)
afterAll(() => lab?.close())

// Sizes as they were given: 202 MiB became 204, whole extents. LUKS1 is what cryptsetup made in 2018.
const asTheOldPlaybookDid = `umask 077
read -r one; read -r two
printf %s "$one" | base64 -d >/run/volkube; printf %s "$two" | base64 -d >/run/media
pvcreate -q /dev/ubdb && vgcreate -q vg01 /dev/ubdb
lvcreate -q -n volkube -L 202 vg01; lvcreate -q -n media -L 0.4g vg01
cryptsetup luksFormat -q --type luks1 --iter-time 10 --key-file /run/volkube /dev/vg01/volkube
cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --iter-time 10 --key-file /run/media /dev/vg01/media
for name in volkube media; do cryptsetup luksOpen /dev/vg01/$name luks-$name --key-file /run/$name; done
mkfs.ext4 -q -N 10000 -m 0 /dev/mapper/luks-volkube; mkfs.xfs -q /dev/mapper/luks-media
umask 022
for mount in 'volkube /var/lib/docker/k8s-volumes ext4' 'media /srv/media xfs'
do set -- $mount; mkdir -p $2
  echo "/dev/mapper/luks-$1 $2 $3 _netdev,noauto 0 0" >>/etc/fstab; mount $2; echo "of $1" >$2/file
done
rm /run/volkube /run/media
cat >/etc/crypt-activate.sh <<'end'
cryptsetup luksOpen /dev/vg01/volkube luks-volkube --key-file /masterlock/keys/kube1/volkube
cryptsetup luksOpen /dev/vg01/media luks-media --key-file /masterlock/keys/kube1/media
mount -a -O _netdev
end
cat >/etc/systemd/system/crypt-vols.service <<'end'
[Service]
Type=oneshot
ExecStart=/bin/sh /etc/crypt-activate.sh
[Install]
WantedBy=multi-user.target
end
systemctl enable -q crypt-vols; sync`

function oldCheckout({
  address,
  server,
  keyFile,
}: {
  address: string
  server: string
  keyFile: string
}): Record<string, string> {
  return {
    'k8s/Makefile.vars':
      'export DOMAIN ?= old.example\nexport K8S_VOLUMES_PATH ?= /var/lib/docker/k8s-volumes\n',
    'ansible/hosts': `[k8s_cplane]\nkube1 ansible_host=${address} ansible_user=root ansible_ssh_private_key_file=${keyFile}\n`,
    'ansible/group_vars/k8s_cplane.yml': [
      'luks_vg: vg01',
      'luks_volumes:',
      '  volkube: { inodes: 10, path: /var/lib/docker/k8s-volumes, size: 202, vg: "{{ luks_vg }}" }',
      '  media: { path: /srv/media, size: 0.4g, vg: "{{ luks_vg }}", type: xfs }',
      `masterkey: { host: ${server}, path: /masterlock, user: master }`,
      '',
    ].join('\n'),
  }
}

// Of everything that holds data, and of the key server's keys.
async function fingerprint(): Promise<string> {
  const mine = await kube1.sh(`cat /var/lib/docker/k8s-volumes/file /srv/media/file
    for name in volkube media; do cryptsetup luksUUID /dev/vg01/$name; blkid -s UUID -o value /dev/mapper/luks-$name
      lvs --noheadings -o lv_uuid,lv_size vg01/$name; done`)
  return `${mine}${await keys.sh('sha256sum /masterlock/keys/kube1/*')}`
}

async function tasks(...args: string[]) {
  const ran = await lab.tasks(args)
  expect(ran.exitCode, `${args.join(' ')}\n${ran.stdout}${ran.stderr}`).toBe(0)
  return `${ran.stdout}${ran.stderr}`
}

test('moving in from an old machine: the first plan formats nothing and names the command that takes over', async () => {
  await tasks('init', '--from', join(lab.folder, 'old'))
  await lab.writeCluster(await lab.knownHosts(), 'known_hosts')
  const { stdout, stderr } = await lab.tasks(['volumes', '--dry-run'])
  expect(`${stdout}${stderr}`).not.toMatch(dangerous)
  expect(`${stdout}${stderr}`).toContain('tasks volumes:adopt volkube')
  expect(await fingerprint()).toBe(data)
})

test('moving in: what is taken over is then run by the new tool, with the old keys, and every byte is kept', async () => {
  await tasks('volumes:adopt', '--yes')
  await tasks('volumes', '--yes')
  expect(await fingerprint()).toBe(data)
  expect(await tasks('volumes', '--dry-run')).toContain('nothing to do')
}, 300_000)

test('moving in: after a power cut the volumes open by themselves, by the new unit and with the old keys', async () => {
  await kube1.powerCut()
  await kube1.start()
  await kube1.until('mountpoint -q /srv/media && mountpoint -q /var/lib/docker/k8s-volumes', 180)
  expect(await fingerprint()).toBe(data)
  expect((await kube1.try('systemctl is-enabled metaltasks-volumes crypt-vols')).stdout).toBe(
    'enabled\ndisabled\n',
  )
  await kube1.until('systemctl is-active metaltasks-volumes', 60)
  expect(await plannedChanges(lab, ['volumes'])).toEqual([])
}, 400_000)
