import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { namedSets } from '../../tasks/lib/addons/sets.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { loadConfig } from '../../tasks/lib/config/config.ts'
import { temporaryFolder } from '../support/cli.ts'

const examples = join(packageRoot(), 'volumes/examples')

test.each(readdirSync(examples))(
  'the sample %s is valid and takes its server from the configuration',
  async (name) => {
    const text = readFileSync(join(examples, name), 'utf8')
    const root = temporaryFolder({ '.env': 'NFS_HOST=nas.example.com\n', [`volumes/${name}`]: text })
    const config = await loadConfig(root, { environment: {} })
    const options = { config, packageRoot: packageRoot(), program: 'test', set: 'remote-volumes' }
    const { sets, findings } = await namedSets([join(root, 'volumes', name)], options)
    expect(findings).toEqual([])
    const [volume, claim] = sets[0]!.objects.map(({ object }) => object)
    expect(volume!.spec).toMatchObject({
      nfs: { server: 'nas.example.com' },
      persistentVolumeReclaimPolicy: 'Retain',
    })
    expect(claim!.spec).toMatchObject({ volumeName: volume!.metadata.name, storageClassName: '' })
  },
)
