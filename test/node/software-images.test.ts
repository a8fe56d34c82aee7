import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, test } from 'vitest'
import { type ImageArchive, imageArchives } from '../../tasks/lib/node/software/images/archives.ts'
import { archivesFor } from '../../tasks/lib/node/software/images/archives-for.ts'
import { imageResource } from '../../tasks/lib/node/software/images/images.ts'
import { applyResources } from '../support/apply-resources.ts'
import { type BoxedMachine, boxedMachine } from '../support/boxed-machine.ts'
import { testConfig } from '../support/config.ts'
import { temporaryFolder } from '../support/folder.ts'
import { planFor } from '../support/machines.ts'
import { writeImage } from '../support/node-software-images.ts'

let folder: string
let images: string
beforeEach(async () => {
  folder = await temporaryFolder()
  images = join(folder, 'images')
  mkdirSync(images)
})

const pause = 'registry.k8s.io/pause:3.10.2'

/** What `docker save` writes: manifest.json, the configuration by its digest, layers. */
function dockerArchive(file: string, tags: string[]): string {
  const work = join(folder, `work-${tags.length}`)
  mkdirSync(join(work, 'layer'), { recursive: true })
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux', tags })
  const digest = createHash('sha256').update(config).digest('hex')
  writeFileSync(join(work, `${digest}.json`), config)
  writeFileSync(join(work, 'layer/layer.tar'), Buffer.alloc(100_000, 7))
  const manifest = [{ Config: `${digest}.json`, RepoTags: tags, Layers: ['layer/layer.tar'] }]
  writeFileSync(join(work, 'manifest.json'), JSON.stringify(manifest))
  execFileSync('tar', ['-C', work, '-cf', file, 'layer', `${digest}.json`, 'manifest.json'])
  return `sha256:${digest}`
}

describe('archives of images', () => {
  test('say the names and configurations of the images in them, of all kinds', async () => {
    await writeImage({ names: [pause, 'lab.local/pause:1'] }, join(images, 'pause.tar'))
    const id = dockerArchive(join(images, 'web.tar'), ['web:1', 'me/web:1', 'host:5000/web:1'])
    writeFileSync(join(images, 'packed.tar.gz'), gzipSync(readFileSync(join(images, 'pause.tar'))))
    writeFileSync(join(images, 'README.md'), 'not an image')
    const found = await imageArchives(images)
    expect(found.map(({ file }) => file.slice(images.length + 1))).toEqual([
      'packed.tar.gz',
      'pause.tar',
      'web.tar',
    ])
    expect(found[0]!.images).toEqual(found[1]!.images)
    expect(found[1]!.images.map(({ name }) => name)).toEqual([pause, 'lab.local/pause:1'])
    expect(found[1]!.images[0]!.ids[0]).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(found[2]!.images).toEqual(
      ['docker.io/library/web:1', 'docker.io/me/web:1', 'host:5000/web:1'].map((name) => ({
        name,
        ids: [id],
      })),
    )
  })

  test('with long names of GNU and of pax are read alike', async () => {
    const blob = `blobs/${'a'.repeat(120)}/x`
    for (const format of ['gnu', 'pax']) {
      const work = join(folder, format)
      mkdirSync(join(work, blob, '..'), { recursive: true })
      writeFileSync(join(work, blob), 'x')
      dockerArchive(join(work, 'inner.tar'), ['web:1'])
      execFileSync('tar', ['-xf', 'inner.tar'], { cwd: work })
      execFileSync('tar', [`--format=${format}`, '-cf', join(images, `${format}.tar`), '.'], { cwd: work })
    }
    const found = await imageArchives(images)
    expect(found.map((archive) => archive.images[0]!.name)).toEqual(Array(2).fill('docker.io/library/web:1'))
  })

  test.each(['tar', 'tar.gz'])('that were cut off anywhere are named: %s', async (ending) => {
    const whole = join(folder, 'whole.tar')
    writeFileSync(join(folder, 'big'), randomBytes(6_000_000))
    await writeImage({ names: [pause], files: { '/big': join(folder, 'big') } }, whole)
    const bytes = ending === 'tar' ? readFileSync(whole) : gzipSync(readFileSync(whole), { level: 1 })
    const file = join(images, `cut.${ending}`)
    for (const part of [0.0001, 0.1, 0.5, 0.9, 0.999]) {
      writeFileSync(file, bytes.subarray(0, Math.floor((bytes.length - 10_300) * part)))
      await expect(imageArchives(images), String(part)).rejects.toThrow(`${file}: `)
    }
  })

  test('that are broken are all named at once, with a way to write them again', async () => {
    writeFileSync(join(images, 'page.tar'), '<html>not found</html>'.repeat(100))
    execFileSync('tar', ['-cf', join(images, 'other.tar'), '-C', '/etc', 'hostname'])
    await expect(imageArchives(images)).rejects.toMatchObject({
      findings: [
        { message: expect.stringMatching(/other\.tar: it is no archive of container images/) },
        {
          message: expect.stringMatching(/page\.tar: it is no tar archive/),
          hint: expect.stringContaining('docker save'),
        },
      ],
    })
  })

  test('are missed in a folder that has none', async () => {
    await expect(imageArchives(images)).rejects.toThrow('has no *.tar')
  })
})

describe('images of a machine', () => {
  let machine: BoxedMachine
  let archives: ImageArchive[]
  const store = '/var/lib/images'

  /** Stands for containerd: takes the name and id of an archive from what is said of it in advance. */
  beforeEach(async () => {
    machine = boxedMachine('kube1', folder)
    await writeImage({ names: [pause] }, join(images, 'pause.tar'))
    dockerArchive(join(images, 'web.tar'), ['web:1'])
    archives = await imageArchives(images)
    const rows = archives.map(
      ({ file, images: [image] }) =>
        `${createHash('sha256').update(readFileSync(file)).digest('hex')}) printf '%s' '{"id":"${image!.ids[0]}","repoTags":["${image!.name}"]}' >${store}/$sum ;;`,
    )
    await machine.sh(`mkdir -p ${store}; cd /usr/local/bin
printf '%s\\n' '#!/bin/sh' 'true' >systemctl
cat >ctr <<'END'
#!/bin/sh
test "$*" = '-n k8s.io images import --local -' || exit 3
sum=$(sha256sum | cut -c1-64)
case $sum in
${rows.join('\n')}
*) echo 'unexpected EOF' >&2; exit 1;; esac
END
cat >crictl <<'END'
#!/bin/sh
cd ${store}; printf '{"images":['; first=; for one in *; do test -f "$one" || continue; printf '%s' "$first"; cat "$one"; first=,; done; echo ']}'
END
chmod +x systemctl ctr crictl`)
  })

  const apply = (installedBefore = false) =>
    applyResources([
      {
        name: 'x',
        title: 'X',
        work: [{ machine, resources: [imageResource(archives, { installedBefore })] }],
      },
    ])

  test('are sent where they are missing, and a second run sends none', async () => {
    expect(await apply()).toEqual([`kube1: send image ${pause}`, 'kube1: send image docker.io/library/web:1'])
    machine.sent.length = 0
    expect(await apply()).toEqual([])
    expect(Math.max(...machine.sent)).toBe(0)
  })

  test('of the same name with another content are sent again', async () => {
    await apply()
    await machine.sh(`cd ${store}; sed -i 's/sha256:[0-9a-f]*/sha256:0000/' $(grep -l pause *)`)
    expect(await apply()).toEqual([`kube1: send image ${pause}`])
  })

  test('are blocked where nothing can take them, and counted on where it is installed before', () => {
    const plan = (installedBefore: boolean) => planFor(imageResource(archives, { installedBefore }), 'none\n')
    expect(plan(false).map(({ blocked }) => blocked!.hint)).toEqual([
      'install them first: tasks node:software',
    ])
    expect(plan(true).map(({ blocked }) => blocked)).toEqual([undefined, undefined])
  })

  test('that cannot be read are no images that are missing', () => {
    const { plan } = imageResource(archives, { installedBefore: true })
    expect(() => plan({ stdout: 'images\n', stderr: 'connection refused', exitCode: 1 })).toThrow(
      'connection refused',
    )
    expect(() => plan({ stdout: 'images\n{"ima', stderr: '', exitCode: 0 })).toThrow('is not understood')
  })
})

describe('an image that a node has no use for is not sent', () => {
  const { cluster } = testConfig('/')
  const filesFor = (roles: ('control-plane' | 'worker')[], names: string[], version = '1.36.3') => {
    const archives = names.map((name) => ({ file: name, bytes: 1, images: [{ name, ids: [] }] }))
    const options = { archives, cluster: { ...cluster, kubernetesVersion: version } }
    return archivesFor({ roles }, options).map(({ file }) => file)
  }

  test('a worker gets none of a control plane, and those of the operator whatever they are called', () => {
    const names = [
      'registry.k8s.io/kube-apiserver:v1.36.3',
      'registry.k8s.io/etcd:3',
      'me.local/etcd:3',
      'registry.k8s.io/pause:3',
    ]
    expect(filesFor(['worker'], names)).toEqual(names.slice(2))
    expect(filesFor(['control-plane'], names)).toEqual(names)
  })

  test('those of a later version wait for the upgrade, those of an earlier one may still be running', () => {
    const [earlier, wanted, later] = ['v1.36.9', 'v1.36.10', 'v1.36.11'].map(
      (tag) => `registry.k8s.io/kube-proxy:${tag}`,
    ) as [string, string, string]
    const others = ['me.local/kube-proxy:v9.0.0', 'registry.k8s.io/coredns/coredns:v1.99.0']
    const all = [earlier, wanted, later, ...others]
    expect(filesFor(['worker'], all, '1.36.10')).toEqual([earlier, wanted, ...others])
    expect(filesFor(['worker'], all, '1.36.11')).toEqual(all)
  })
})
