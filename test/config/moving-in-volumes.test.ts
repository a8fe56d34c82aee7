import { expect, test } from 'vitest'
import { TaskError } from '../../tasks/lib/cli/errors.ts'
import { loadConfig } from '../../tasks/lib/config/config.ts'
import { moveIn } from '../../tasks/lib/config/moving-in/moving-in.ts'
import { temporaryFolder, writeFiles } from '../support/cli.ts'
import fc from '../support/fast-check.ts'

const sizes = [
  '100',
  '64g',
  '"2T"',
  '0',
  '16',
  '1e3',
  '010',
  '100%FREE',
  '',
  '{}',
  '~',
  '"{{ size }}"',
  'yes',
  '1:30',
]
const paths = [
  '/data',
  '/data/',
  '/srv/x',
  'data',
  '"/a b"',
  '/../x',
  '"{{ root }}/x"',
  '"{{ gone }}"',
  '[]',
  '"/it\'s"',
  '"/$HOME"',
  '"/a#b"',
  '/',
]
const groups = ['vg01', '"{{ luks_vg }}"', '-vg', '', '5', '"{{ luks_vg | default(1) }}"', '!vault x']
const types = ['ext4', 'xfs', 'btrfs', '"{{ fs_type }}"', 'null']
const names = ['data', 'kube', 'a.b', '"-x"', '1', '"a b"', '"yes"', '"it\'s"', '"#x"']
const entry = fc.record({
  name: fc.constantFrom(...names),
  size: fc.constantFrom(...sizes),
  path: fc.constantFrom(...paths),
  vg: fc.constantFrom(...groups),
  type: fc.constantFrom(...types),
  inodes: fc.constantFrom('100', '0', 'many', '"7"', '-1'),
})
type Entry = typeof entry extends fc.Arbitrary<infer T> ? T : never

test('whatever stands in luks_volumes, the new project loads, and each volume is taken over or said to be left out', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 4 }), async (entries) => {
      const folder = temporaryFolder({
        'k8s/Makefile.vars': 'export DOMAIN = a.example\n',
        'ansible/hosts': '[k8s_cplane]\nkube1\n',
        'ansible/group_vars/all.yml': `luks_vg: vg01\nroot: /root\nsize: 5g\nfs_type: ext4\nluks_volumes:\n${entries.map(text).join('')}`,
      })
      const moved = takenOver(folder)
      if (moved === undefined) return
      const project = temporaryFolder()
      writeFiles(project, Object.fromEntries(moved.files.map((file) => [file.name, file.text])))
      const { cluster } = await loadConfig(project, { environment: {} })
      const left = moved.files[0]!.text.match(/# the volume .* is left out/g)?.length ?? 0
      const distinct = new Set(entries.map(({ name }) => name)).size
      expect(cluster.nodes[0]!.volumes.length + left).toBe(distinct)
      expect(
        moved.findings.filter(({ message }) => message.includes('luks_volumes')).length,
      ).toBeGreaterThanOrEqual(left)
    }),
    { numRuns: 200 },
  )
})

function text({ name, ...rest }: Entry): string {
  const lines = Object.entries(rest).map(([key, value]) => `    ${key}: ${value}\n`)
  return `  ${name}:\n${lines.join('')}`
}

function takenOver(folder: string) {
  try {
    return moveIn(folder, { environment: {} })
  } catch (error) {
    if (error instanceof TaskError) return undefined
    throw error
  }
}
