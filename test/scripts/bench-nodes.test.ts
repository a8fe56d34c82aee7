import { describe, expect, test } from 'vitest'
import { nodeChecks, nodeResources } from '../../scripts/bench/nodes/checks.ts'
import { playbookText } from '../../scripts/bench/nodes/playbook.ts'

describe('the benchmark of machines', () => {
  const checks = { ...nodeChecks(), modules: ['overlay', 'br_netfilter'] }
  const [play] = JSON.parse(playbookText(checks))
  const modulesUsed: string[] = play.tasks.map((task: object) => Object.keys(task)[1])

  test('asks Ansible for everything that the planner is asked for', () => {
    const targets = nodeResources(checks).map(({ target }) => target.split(' ')[0])
    expect(new Set(targets)).toEqual(
      new Set([
        'packages',
        'file',
        'kernel',
        'swap',
        'directories',
        'group',
        'user',
        'line',
        'mount',
        'unit',
      ]),
    )
    const expected = [
      'apt',
      'copy',
      'modprobe',
      'sysctl',
      'command',
      'systemd',
      'file',
      'group',
      'user',
      'mount',
      'lineinfile',
    ]
    expect(new Set(modulesUsed.map((name) => name.split('.').at(-1)))).toEqual(new Set(expected))
  })

  test('asks Ansible for nothing more often than for each item once', () => {
    const items = play.tasks.reduce(
      (sum: number, task: { loop?: unknown[] }) => sum + (task.loop?.length ?? 1),
      0,
    )
    const { modules, sysctl, directories, files, units } = checks
    const single = ['apt', 'copy of modules', 'swapon', 'swap.target', 'group', 'user', 'mount', 'line']
      .length
    const listed =
      modules.length + Object.keys(sysctl).length + directories.length + files.length + units.length
    expect(items).toBe(single + listed)
  })

  test('gathers no facts, since Ansible would be slower for nothing', () => {
    expect(play.gather_facts).toBe(false)
  })
})
