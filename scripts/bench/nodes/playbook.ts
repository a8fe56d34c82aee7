import type { NodeChecks } from './checks.ts'

/** An Ansible playbook, as JSON, with the modules that check the same. Facts of the hosts are not gathered: none is used. */
export function playbookText(checks: NodeChecks): string {
  const { directories, files, group, line, modules, modulesFile, mount, sysctl, sysctlFile, units, user } =
    checks
  const tasks = [
    task('packages', 'ansible.builtin.apt', { name: checks.packages, state: 'present' }),
    ...(modules.length > 0
      ? [
          task('modules at boot', 'ansible.builtin.copy', {
            dest: modulesFile,
            content: `${modules.join('\n')}\n`,
          }),
          loop('modules', 'community.general.modprobe', { name: '{{ item }}' }, modules),
        ]
      : []),
    loop(
      'kernel parameters',
      'ansible.posix.sysctl',
      { name: '{{ item.key }}', value: '{{ item.value }}', sysctl_file: sysctlFile, sysctl_set: true },
      Object.entries(sysctl).map(([key, value]) => ({ key, value })),
    ),
    { ...task('swap', 'ansible.builtin.command', { cmd: 'swapon --show' }), changed_when: false },
    task('no swap at boot', 'ansible.builtin.systemd', { name: 'swap.target', masked: true }),
    loop(
      'folders',
      'ansible.builtin.file',
      { path: '{{ item }}', state: 'directory', mode: '0755' },
      directories,
    ),
    ...files.map(({ path, content, mode }) => {
      return task(path, 'ansible.builtin.copy', { dest: path, content, mode, owner: 'root', group: 'root' })
    }),
    task('group', 'ansible.builtin.group', { name: group, system: true }),
    task('user', 'ansible.builtin.user', {
      name: user,
      system: true,
      home: '/nonexistent',
      create_home: false,
      shell: '/usr/sbin/nologin',
      groups: [group],
      append: true,
    }),
    task('mount', 'ansible.posix.mount', {
      src: mount.device,
      path: mount.path,
      fstype: mount.type,
      opts: 'defaults',
      state: 'mounted',
    }),
    task('line', 'ansible.builtin.lineinfile', line),
    ...units.map((name) => task(name, 'ansible.builtin.systemd', { name, enabled: true, state: 'started' })),
  ]
  return `${JSON.stringify([{ hosts: 'all', gather_facts: false, tasks }], null, 2)}\n`
}

function task(name: string, module: string, settings: object): Record<string, unknown> {
  return { name, [module]: settings }
}

function loop(name: string, module: string, settings: object, items: unknown[]): Record<string, unknown> {
  return { ...task(name, module, settings), loop: items }
}
