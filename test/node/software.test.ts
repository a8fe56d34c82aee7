import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { throwOnErrors } from '../../tasks/lib/cli/errors.ts'
import type { Software } from '../../tasks/lib/config/kubeadm-model.ts'
import type { Role } from '../../tasks/lib/config/model.ts'
import type { Planned } from '../../tasks/lib/node/resource.ts'
import {
  programsOf,
  softwareResources,
  upgradedPrograms,
} from '../../tasks/lib/node/software/node-software.ts'
import { installCommands } from '../../tasks/lib/node/software/program-commands.ts'
import { releasedPrograms } from '../../tasks/lib/node/software/programs.ts'
import { openReleaseSource } from '../../tasks/lib/node/software/release-source.ts'
import { releaseOf } from '../../tasks/lib/node/software/releases.ts'
import { type ProgramName, programVersions } from '../../tasks/lib/node/software/versions.ts'
import { applyResources } from '../support/apply-resources.ts'
import { type BoxedMachine, boxedMachine } from '../support/boxed-machine.ts'
import { testConfig } from '../support/config.ts'
import { writeReleases } from '../support/fake-releases.ts'
import { temporaryFolder } from '../support/folder.ts'
import { changesOn, planFor } from '../support/machines.ts'

// Each test has an environment of its own; the real one is read once and kept.
vi.mock('../../tasks/lib/config/environment.ts', () => ({ environment: () => process.env }))

const names: ProgramName[] = ['containerd', 'runc', 'cni-plugins', 'kubelet']
const versions = { containerd: '2.3.4', runc: '1.4.3', 'cni-plugins': '1.9.1', kubelet: '1.36.3' }
let folder: string
let releases: string
let digests: string
let machine: BoxedMachine

beforeEach(async () => {
  folder = await temporaryFolder()
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'))
  releases = join(folder, 'releases')
  digests = writeReleases(releases, versions)
  machine = boxedMachine('kube1', folder)
})

function software(more: Partial<Software> = {}): Software {
  return { source: 'download', folder: releases, digests, versions: {}, ...more }
}

async function wanted(more: Partial<Software> & { kubelet?: string; names?: ProgramName[] } = {}) {
  const { kubelet, names: chosen = names, ...rest } = more
  const config = testConfig(folder, { software: software(rest), kubernetesVersion: kubelet ?? '1.36.3' })
  return releasedPrograms(chosen, {
    versions: programVersions(config.cluster),
    releases: await openReleaseSource(config.cluster.software),
  })
}

async function apply(more?: Parameters<typeof wanted>[0], on = machine): Promise<string[]> {
  return applyResources([{ name: 'x', title: 'X', work: [{ machine: on, resources: [await wanted(more)] }] }])
}

const said = 'for program in containerd ctr runc kubelet; do $program; done; /opt/cni/bin/bridge'
const all = 'containerd 2.3.4\nctr 2.3.4\nrunc 1.4.3\nkubelet 1.36.3\nbridge 1.9.1\n'

describe('programs of releases', () => {
  test('arrive from a folder, all in one upload, and a second run has nothing to do', async () => {
    expect(await apply()).toEqual([
      'kube1: install containerd 2.3.4, runc 1.4.3, cni-plugins 1.9.1, kubelet 1.36.3',
    ])
    expect(await machine.sh(said)).toBe(all)
    expect(machine.sent.filter((bytes) => bytes > 0)).toHaveLength(1)
    expect(
      await machine.sh('ls /opt/cni/bin /var/lib/metaltasks; ls -A /usr/local/bin | grep next || :'),
    ).toBe('/opt/cni/bin:\nbridge\nloopback\n\n/var/lib/metaltasks:\n')
    expect(await apply()).toEqual([])
  })

  test('that somebody changed are sent again, and nothing else is', async () => {
    await apply()
    await machine.sh('echo broken >>/usr/local/bin/runc')
    expect(await apply()).toEqual(['kube1: install runc 1.4.3'])
    expect(await machine.sh('runc')).toBe('runc 1.4.3\n')
  })

  test('that were only touched are summed up, and stay', async () => {
    await apply()
    await machine.sh('touch /usr/local/bin/runc; rm -r /var/cache/metaltasks')
    expect(await apply()).toEqual([])
  })

  test('of another version take the place of the old ones', async () => {
    await apply()
    digests = writeReleases(releases, { ...versions, runc: '1.4.2' })
    const changes = await changesOn(machine, [await wanted({ versions: { runc: '1.4.2' } })])
    expect(changes.map(({ before, after }) => [before, after])).toEqual([[['runc 1.4.3'], ['runc 1.4.2']]])
    await apply({ versions: { runc: '1.4.2' } })
    expect(await machine.sh('runc')).toBe('runc 1.4.2\n')
  })

  test('are downloaded from a mirror once for all machines', async () => {
    const asked: string[] = []
    const server = createServer(({ url }, response) => {
      asked.push(url!)
      response.end(readFileSync(join(releases, url!)))
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    onTestFinished(() => void server.close())
    const mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const second = boxedMachine('kube2', folder)
    const resource = await wanted({ folder: undefined, mirror })
    const work = [machine, second].map((one) => ({ machine: one, resources: [resource] }))
    await applyResources([{ name: 'x', title: 'X', work }])
    expect(await second.sh(said)).toBe(all)
    expect(asked).toHaveLength(names.length)
    await machine.sh('rm /usr/local/bin/kubelet')
    expect(await apply({ folder: undefined, mirror })).toEqual(['kube1: install kubelet 1.36.3'])
    expect(asked).toHaveLength(names.length)
  })
})

describe('nothing is sent', () => {
  test('where a file is not what its project published', async () => {
    writeFileSync(join(releases, releaseOf('runc', { version: '1.4.3', arch: 'amd64' }).path), 'evil')
    await expect(apply()).rejects.toThrow(/runc\.amd64 is not what its project published: SHA-256 .*expected/)
    expect(machine.sent.filter((bytes) => bytes > 0)).toEqual([])
  })

  test('of which the digest is not known', async () => {
    writeFileSync(digests, '')
    await expect(apply({ versions: { runc: '9.9.9' } })).rejects.toThrow(
      'kube1: the SHA-256 of github.com/opencontainers/runc/releases/download/v9.9.9/runc.amd64 is not known',
    )
  })

  test('that a folder lacks, and all that is lacking is named at once', async () => {
    rmSync(join(releases, 'github.com/opencontainers'), { recursive: true })
    rmSync(join(releases, 'dl.k8s.io'), { recursive: true })
    const [change] = await changesOn(machine, [await wanted()])
    expect(change!.blocked!.message.split('\n').map((line) => line.replace(/.*has no/, ''))).toEqual([
      ' github.com/opencontainers/runc/releases/download/v1.4.3/runc.amd64',
      ' dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubelet',
    ])
    expect(change!.blocked!.hint).toContain(`tasks node:software --urls | wget -x -N -P ${releases} -i -`)
  })

  test('for a processor without releases', async () => {
    const [action] = planFor(await wanted(), 'machine riscv64\n')
    expect(action!.blocked!.message).toContain('no releases for its processor, riscv64')
  })

  test('with digests that are no digests, and the line is named', async () => {
    writeFileSync(digests, 'abc  dl.k8s.io/file\n')
    await expect(wanted()).rejects.toMatchObject({ findings: [{ file: digests, line: 1 }] })
  })
})

describe('an upload that is killed', () => {
  const old = 'runc 1.4.2\n'
  async function killed(commands: number, input?: (whole: Buffer) => Buffer) {
    const newer = writeReleases(releases, versions)
    const older = writeReleases(releases, { runc: '1.4.2' })
    await apply({ digests: older, versions: { runc: '1.4.2' }, names: ['runc'] })
    const [action] = planFor(await wanted({ digests: newer, names: ['runc'] }), 'machine x86_64\n')
    const parts: Uint8Array[] = []
    for await (const part of ((await action!.input!()) as () => AsyncIterable<Uint8Array>)()) parts.push(part)
    const whole = Buffer.concat(parts)
    const script = ['set -eu', ...action!.commands.slice(0, commands)].join('\n')
    const { exitCode } = await machine.run(script, { input: input?.(whole) ?? whole, allowFailure: true })
    return exitCode
  }

  test.each([0, 600, 1500])(
    'after %i bytes leaves the old program, and the next run goes on',
    async (bytes) => {
      expect(await killed(99, (whole) => whole.subarray(0, Math.min(bytes, whole.length - 1200)))).not.toBe(0)
      expect(await machine.sh('runc')).toBe(old)
      expect(await apply({ names: ['runc'] })).toEqual(['kube1: install runc 1.4.3'])
    },
  )

  test('by a full disk, while it is unpacked, records nothing that is not there', async () => {
    await machine.sh(`cd /usr/local/bin
printf '%s\\n' '#!/bin/sh' 'case "$*" in *-xzf*cni*) exit 2;; esac' 'exec /usr/bin/tar "$@"' >tar; chmod +x tar`)
    await expect(apply()).rejects.toThrow('cni-plugins.files')
    expect(
      await machine.sh(
        'rm /usr/local/bin/tar; ls /etc/kubernetes/metaltasks/software /opt/cni/bin 2>&1 || :',
      ),
    ).toBe(
      "ls: cannot access '/opt/cni/bin': No such file or directory\n/etc/kubernetes/metaltasks/software:\ncontainerd\nrunc\n",
    )
    expect(await apply()).toEqual(['kube1: install cni-plugins 1.9.1, kubelet 1.36.3'])
  })

  test('between its commands leaves the old program or the new one, and the next run goes on', async () => {
    const release = releaseOf('runc', { version: '1.4.3', arch: 'amd64' })
    const count = installCommands([{ name: 'runc', version: '1.4.3', release, sha256: '' }], {
      joinsLater: false,
    }).length
    for (let commands = 0; commands < count; commands++) {
      await machine.sh('rm -rf /usr/local/bin/runc /etc/kubernetes/metaltasks')
      expect(await killed(commands)).toBe(0)
      expect(await machine.sh('runc')).toMatch(/^runc 1\.4\.[23]\n$/)
      await apply({ names: ['runc'] })
      expect(await machine.sh('runc; ls -A /var/lib/metaltasks')).toBe('runc 1.4.3\n')
      expect(await apply({ names: ['runc'] })).toEqual([])
    }
  })
})

describe('on a member of a cluster', () => {
  const joins = 'mkdir -p /etc/kubernetes; touch /etc/kubernetes/kubelet.conf'

  test('the kubelet of another version stays, and the plan says how it goes on', async () => {
    await apply()
    await machine.sh(joins)
    digests = writeReleases(releases, { ...versions, kubelet: '1.36.4', runc: '1.4.2' })
    const resource = await wanted({ kubelet: '1.36.4', versions: { runc: '1.4.2' } })
    const answer = await machine.run(resource.probe)
    const planned = resource.plan({ ...answer, exitCode: 0 })
    expect(planned.actions.map(({ title }) => title)).toEqual(['install runc 1.4.2'])
    expect(planned.findings).toMatchObject([
      {
        severity: 'note',
        message: 'kubelet 1.36.3 stays as it is: a member of the cluster goes to 1.36.4 by an upgrade',
        hint: 'tasks cluster:upgrade 1.36.4',
      },
    ])
  })

  test('an upgrade takes it to the new version', async () => {
    await apply()
    await machine.sh(joins)
    digests = writeReleases(releases, { kubelet: '1.36.4' })
    const { cluster } = testConfig(folder, { software: software(), kubernetesVersion: '1.36.4' })
    const upgrade = upgradedPrograms(['kubelet'], {
      cluster,
      releases: await openReleaseSource(cluster.software),
    })
    await applyResources([{ name: 'x', title: 'X', work: [{ machine, resources: [upgrade] }] }])
    expect(await machine.sh('kubelet')).toBe('kubelet 1.36.4\n')
  })

  test('an upgrade of programs that somebody else installed is blocked, and says what to do', async () => {
    const { cluster } = testConfig(folder, { software: software() })
    const releases = await openReleaseSource(cluster.software)
    const [action] = planFor(
      upgradedPrograms(['kubelet'], { cluster, releases }),
      'machine x86_64\nmember\nforeign\n',
    )
    expect(action!.blocked!.hint).toContain('software: { source: packages }')
  })

  test('that joined between plan and change, programs of Kubernetes are not installed', async () => {
    const changes = await changesOn(machine, [await wanted()])
    await machine.sh(joins)
    const progress = { say: () => {}, signal: new AbortController().signal }
    await expect(changes[0]!.run(progress)).rejects.toThrow('it joined a cluster meanwhile')
    expect(await machine.sh('ls /usr/local/bin/kubelet 2>/dev/null || :')).toBe('')
  })

  test('that somebody else made, nothing at all is changed, and the plan says so', async () => {
    await machine.sh(joins)
    const { cluster } = testConfig(folder, { software: software({ folder: undefined }) })
    const node = { name: 'kube1', roles: ['worker'] as Role[], labels: {}, taints: [], volumes: [] }
    const resources = softwareResources(node, {
      cluster,
      releases: await openReleaseSource(cluster.software),
    })
    expect(resources.length).toBeGreaterThan(8)
    const planned: Planned[] = []
    // One after the other: a machine of this kind has room for one mount of its files at a time.
    for (const { plan, probe } of resources) {
      const answer = await machine.run(`( eval '${probe.replaceAll("'", "'\\''")}' )`)
      planned.push(plan({ ...answer, exitCode: 0 }))
    }
    expect(planned.flatMap(({ actions }) => actions)).toEqual([])
    expect(planned.flatMap(({ findings = [] }) => findings.map(({ message }) => message))).toEqual([
      'it is a member of a cluster, and its programs were installed by others: they stay as they are',
    ])
    throwOnErrors(planned.flatMap(({ findings = [] }) => findings))
  })
})

describe('what a node runs', () => {
  const { backup } = testConfig('/').cluster
  const of = (roles: Role[], more = backup) =>
    programsOf({ name: 'kube1', roles, labels: {}, taints: [], volumes: [] }, { backup: more })
  const member = ['containerd', 'runc', 'cni-plugins', 'crictl', 'kubeadm', 'kubelet', 'kubectl']

  test.each<[Role[], string[]]>([
    [['worker'], member],
    [['control-plane'], [...member, 'etcd']],
    [
      ['control-plane', 'worker'],
      [...member, 'etcd'],
    ],
    [['etcd'], ['etcd']],
  ])('follows from its roles %j', (roles, programs) => {
    expect(of(roles)).toEqual(programs)
  })

  test('has age where there are backups', () => {
    expect(of(['etcd'], { ...backup, recipients: ['age1x'] })).toEqual(['etcd', 'age'])
  })

  test('has versions of its own where the configuration names them; others are refused', () => {
    const { cluster } = testConfig('/', { software: software({ versions: { etcd: '3.6.13' } }) })
    expect(programVersions(cluster)).toMatchObject({ etcd: '3.6.13', kubelet: '1.36.3', containerd: '2.3.4' })
    const wrong = testConfig('/', { software: software({ versions: { containrd: '2.3.4' } }) })
    expect(() => programVersions(wrong.cluster)).toThrow('containrd is no program whose version is set there')
  })
})
