import { execFileSync } from 'node:child_process'
import { afterAll, describe, expect, test } from 'vitest'
import type { ClusterNode, KeyServer } from '../../tasks/lib/config/model.ts'
import type { Planned, Resource } from '../../tasks/lib/node/resource.ts'
import { bootResources } from '../../tasks/lib/node/unlock/boot.ts'
import { bootUnitText, dropInText } from '../../tasks/lib/node/unlock/boot-unit.ts'
import { formerUnit } from '../../tasks/lib/node/unlock/former-unit.ts'
import { keyResources } from '../../tasks/lib/node/unlock/key-access.ts'
import { keyPair } from '../../tasks/lib/node/unlock/key-pair.ts'
import { keyServerProgram } from '../../tasks/lib/node/unlock/key-server-program.ts'
import { manualProgram } from '../../tasks/lib/node/unlock/manual-program.ts'
import { openProgramText } from '../../tasks/lib/node/unlock/open-program.ts'
import { boundHeader, pinOf, sealedKey } from '../../tasks/lib/node/unlock/sealed-key.ts'
import { sealedProgram } from '../../tasks/lib/node/unlock/sealed-program.ts'
import { volumeKey } from '../../tasks/lib/node/unlock/volume-key.ts'
import { headerProbe } from '../../tasks/lib/node/volume-keys/luks2-header.ts'
import { volumesOfNode } from '../../tasks/lib/node/volumes/volume.ts'
import { testConfig } from '../support/config.ts'
import { luksFile } from '../support/luks-file.ts'

const server: KeyServer = { host: 'keys.example.com', address: '10.0.0.5', path: '/masterlock' }
const config = testConfig('/nowhere', { keyServer: server, unlock: 'key-server' })
const node = {
  name: 'kube1.example.com',
  volumes: [
    { name: 'data', vg: 'vg0', size: '1Gi', path: '/srv/data', filesystem: 'ext4', discard: true },
    { name: 'more', vg: 'vg0', size: '1Gi', path: '/srv/more disk', filesystem: 'xfs' },
  ],
} as unknown as ClusterNode
const volumes = volumesOfNode(node, { name: 'home' })
const [data] = volumes

function planned(resource: Resource, stdout: string, exitCode = 0): Planned {
  return resource.plan({ stdout, stderr: '', exitCode })
}

describe('the programs on a machine', () => {
  test.each([
    ['key server', keyServerProgram('kube1', server)],
    ['sealed', sealedProgram()],
    ['manual', manualProgram()],
    ['boot', openProgramText()],
  ])('are plain POSIX shell: %s', (_, text) => {
    expect(() => execFileSync('dash', ['-n'], { input: text })).not.toThrow()
    expect(text).toMatch(/^#!\/bin\/sh\n# /)
    expect(text).not.toMatch(/\bnode\b.*metaltasks|npx|tasks\.js/)
  })

  test('ask the key server alone that is pinned, with the key of this machine alone', () => {
    const text = keyServerProgram('kube1', server)
    for (const option of [
      'StrictHostKeyChecking=yes',
      'UserKnownHostsFile=/etc/volume-keys/known_hosts',
      'GlobalKnownHostsFile=/dev/null',
      'HostKeyAlias=keys.example.com',
      'IdentitiesOnly=yes',
      'BatchMode=yes',
    ])
      expect(text).toContain(`-o ${option}`)
    expect(text).toContain('-- keys-kube1@10.0.0.5 ')
  })

  test('give no key where somebody has to bring it, who is then asked', async () => {
    expect(volumeKey(data!, config)).toEqual({ read: '/usr/local/sbin/volume-key data' })
    const manual = testConfig('/nowhere', { unlock: 'manual' })
    expect(volumeKey(data!, manual)).toMatchObject({ read: 'cat', input: expect.any(Function) })
    const programs = keyResources(node, volumes, manual).map(({ target }) => target)
    expect(programs).toEqual(['file /usr/local/sbin/volume-key'])
  })
})

describe('the boot unit', () => {
  test('waits without end and is not restarted, so that what requires it starts when it is done', () => {
    expect(bootUnitText()).toContain('TimeoutStartSec=infinity\n')
    expect(bootUnitText()).not.toContain('Restart=')
  })

  test('keeps containers down until every volume is mounted', () => {
    expect(dropInText(['/srv/data', '/srv/100% full'])).toBe(`[Unit]
Requires=metaltasks-volumes.service
After=metaltasks-volumes.service
AssertPathIsMountPoint=/srv/data
AssertPathIsMountPoint=/srv/100%% full
`)
  })

  test('has a table of the volumes, and a drop-in for every runtime and the kubelet', () => {
    const resources = bootResources(node, volumes, config)
    const table = resources.find(({ target }) => target === 'file /etc/volume-keys/volumes')!
    expect(planned(table, 'absent\n').actions[0]!.input!()).toBe(`# volume device mapper options path
data /dev/vg0/data luks-data discard /srv/data
more /dev/vg0/more luks-more - /srv/more disk
`)
    const dropIns = resources.map(({ target }) => target).filter((target) => target.endsWith('.conf'))
    expect(dropIns.map((target) => target.split('/').at(-2))).toEqual([
      'containerd.service.d',
      'docker.service.d',
      'cri-docker.service.d',
      'kubelet.service.d',
    ])
  })

  test('is not there on a machine without volumes', () => {
    expect([...bootResources(node, [], config), ...keyResources(node, [], config)]).toEqual([])
  })

  test('takes the place of an earlier one that opens the same volumes', () => {
    const unit = formerUnit(volumes)
    const [action] = planned(unit, 'enabled\n/dev/vg0/data\n/dev/vg0/more\n').actions
    expect(action!.commands.at(-1)).toBe('systemctl disable crypt-vols.service')
    for (const answer of ['', 'disabled\n/dev/vg0/data\n', 'not-found\n'])
      expect(planned(unit, answer).actions).toEqual([])
  })

  test('leaves an earlier one on that opens a volume more, and says which', () => {
    const { actions, findings } = planned(formerUnit(volumes), 'enabled\n/dev/vg0/data\n/dev/vg1/old\n')
    expect(actions).toEqual([])
    expect(findings![0]!.message).toContain('it opens /dev/vg1/old too')
  })
})

describe('access to the key server', () => {
  test('is not planned before its host key is recorded', () => {
    const pinned = keyResources(node, volumes, config).find(({ target }) => target.endsWith('known_hosts'))!
    expect(() => planned(pinned, 'absent\n')).toThrow(
      'the host key of the key server keys.example.com is not in',
    )
  })

  test('has an SSH key that is made once', () => {
    expect(planned(keyPair('kube1'), '600\n').actions).toEqual([])
    const [action] = planned(keyPair('kube1'), '', 1).actions
    expect(action!.commands.filter((command) => command.includes('ssh-keygen -q'))).toEqual([
      "[ -s /etc/volume-keys/id_ed25519 ] || ssh-keygen -q -t ed25519 -N '' -C volume-keys@kube1 -f /etc/volume-keys/id_ed25519.making",
    ])
  })
})

describe('a sealed key', () => {
  const tang = pinOf({ unlock: 'tang', tang: { url: 'http://tang:7500', thumbprint: 'abc' } })!
  const file = luksFile()
  afterAll(() => file.close())
  const header = () => execFileSync('sh', ['-c', headerProbe(file.device)], { encoding: 'utf8' })

  test('is made and sealed to the pinned key of Tang before there is a volume', () => {
    const [action] = planned(sealedKey(data!, tang), 'unsealed\n').actions
    expect(action!.commands).toContain(
      `printf %s "$key" | clevis encrypt tang '{"url":"http://tang:7500","thp":"abc"}' >/etc/volume-keys/data.jwe.making`,
    )
    expect(action!.commands).toContain('[ "$(clevis decrypt </etc/volume-keys/data.jwe.making)" = "$key" ]')
    expect(planned(sealedKey(data!, tang), 'sealed\n').actions).toEqual([])
  })

  test('may be sealed to the TPM of the machine', () => {
    const tpm = pinOf({ unlock: 'tpm2' })!
    expect(planned(sealedKey(data!, tpm), 'unsealed\n').actions[0]!.commands).toContain(
      `printf %s "$key" | clevis encrypt tpm2 '{"pcr_bank":"sha256","pcr_ids":"7"}' >/etc/volume-keys/data.jwe.making`,
    )
    expect(pinOf({ unlock: 'manual' })).toBeUndefined()
  })

  test('is not made for a volume that another key opens; the plan says how to bind it', () => {
    expect(() => planned(sealedKey(data!, tang), `unsealed\n${header()}`)).toThrow('not bound to Tang')
    expect(planned(boundHeader(data!, tang), `unsealed\n${header()}`).actions).toEqual([])
  })

  test('goes into the header of the volume once, where clevis finds it', () => {
    expect(planned(boundHeader(data!, tang), `sealed\n${header()}`).actions).toHaveLength(1)
    expect(planned(boundHeader(data!, tang), 'sealed\n').actions).toHaveLength(1)
    const token = JSON.stringify({ type: 'clevis', keyslots: ['0'], jwe: {} })
    expect(file.cryptsetup(['token', 'import', file.device], Buffer.from(token))).toBe(0)
    expect(planned(boundHeader(data!, tang), `sealed\n${header()}`).actions).toEqual([])
    expect(planned(sealedKey(data!, tang), `unsealed\n${header()}`).actions).toEqual([])
  })
})
