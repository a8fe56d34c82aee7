import { existsSync, readFileSync } from 'node:fs'
import type { Resource } from '../../../tasks/lib/node/resource.ts'
import { directories } from '../../../tasks/lib/node/system/directories.ts'
import { file } from '../../../tasks/lib/node/system/file.ts'
import { kernelModules } from '../../../tasks/lib/node/system/kernel-modules.ts'
import { lineInFile } from '../../../tasks/lib/node/system/line-in-file.ts'
import { mount } from '../../../tasks/lib/node/system/mount.ts'
import { packages } from '../../../tasks/lib/node/system/packages.ts'
import { swapOff } from '../../../tasks/lib/node/system/swap.ts'
import { sysctl } from '../../../tasks/lib/node/system/sysctl.ts'
import { unit } from '../../../tasks/lib/node/system/unit.ts'
import { group, user } from '../../../tasks/lib/node/system/users.ts'

/** What is wanted of each target, for both contenders alike. */
export interface NodeChecks {
  packages: string[]
  /** Loaded ones; none where the kernel has no modules. */
  modules: string[]
  modulesFile: string
  /** As they are: the kernel is that of this host. */
  sysctl: Record<string, string>
  sysctlFile: string
  files: { path: string; content: string; mode: string }[]
  directories: string[]
  units: string[]
  group: string
  user: string
  mount: { device: string; path: string; type: string }
  line: { path: string; line: string }
}

/** What a node of a cluster has to have, as far as it can hold on any host without changing it beyond /etc. */
export function nodeChecks(): NodeChecks {
  const settings = ['net.ipv4.ip_forward', 'net.core.somaxconn', 'kernel.pid_max', 'vm.swappiness']
  return {
    packages: [
      'bash',
      'coreutils',
      'findutils',
      'grep',
      'mount',
      'openssh-server',
      'sed',
      'tar',
      'util-linux',
    ],
    modules: loadedModules().slice(0, 3),
    modulesFile: '/etc/modules-load.d/90-bench.conf',
    sysctl: Object.fromEntries(settings.flatMap((key) => presentValue(key))),
    sysctlFile: '/etc/sysctl.d/90-bench.conf',
    files: [
      { path: '/etc/bench/containerd.toml', content: containerd, mode: '0644' },
      { path: '/etc/bench/kubelet.yaml', content: kubelet, mode: '0600' },
      { path: '/etc/systemd/system/bench.service', content: service, mode: '0644' },
    ],
    directories: ['/etc/bench', '/etc/bench/manifests', '/etc/bench/pki', '/etc/bench/audit'],
    units: ['containerd.service', 'kubelet.service', 'bench.service'],
    group: 'bench-readers',
    user: 'bench',
    mount: { device: 'proc', path: '/proc', type: 'proc' },
    line: { path: '/etc/hosts', line: '192.0.2.10 kube.bench.example' },
  }
}

/** The same as resources of the planner. */
export function nodeResources(checks: NodeChecks): Resource[] {
  const { directories: paths, files, line, modules, modulesFile, units } = checks
  const [, mounted] = mount(checks.mount)
  const { device, path, type } = checks.mount
  return [
    packages(checks.packages),
    ...(modules.length > 0 ? kernelModules({ names: modules, path: modulesFile }) : []),
    ...sysctl({ values: checks.sysctl, path: checks.sysctlFile }),
    swapOff(),
    directories({ paths }),
    ...files.map((one) => file(one)),
    group({ name: checks.group, system: true }),
    user({
      name: checks.user,
      system: true,
      home: '/nonexistent',
      shell: '/usr/sbin/nologin',
      groups: [checks.group],
    }),
    lineInFile({ path: '/etc/fstab', line: `${device} ${path} ${type} defaults 0 0` }),
    mounted!,
    lineInFile(line),
    ...units.map((name) => unit({ name, enabled: true, active: true })),
  ]
}

function loadedModules(): string[] {
  if (!existsSync('/proc/modules')) return []
  const names = readFileSync('/proc/modules', 'utf8').split('\n').filter(Boolean)
  return names.map((line) => line.split(' ')[0]!).filter((name) => existsSync(`/sys/module/${name}`))
}

function presentValue(key: string): [string, string][] {
  const path = `/proc/sys/${key.replaceAll('.', '/')}`
  return existsSync(path) ? [[key, readFileSync(path, 'utf8').trim()]] : []
}

const containerd = `version = 2
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
SystemdCgroup = true
`
const kubelet = `kind: KubeletConfiguration
apiVersion: kubelet.config.k8s.io/v1beta1
evictionHard: { memory.available: 200Mi, nodefs.available: 5% }
`
const service = `[Unit]
Description=Bench
[Service]
ExecStart=/bin/true
[Install]
WantedBy=multi-user.target
`
