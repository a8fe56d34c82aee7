import type { ClusterNode, Config } from '../config/model.ts'
import type { Resource } from './resource.ts'
import { kernelModules } from './system/kernel-modules.ts'
import { packages } from './system/packages.ts'
import { swapOff } from './system/swap.ts'
import { sysctl } from './system/sysctl.ts'

/** Before anything else can be done on a machine: programs, kernel modules and parameters, no swap. */
export function prepareResources(
  node: ClusterNode,
  { cluster }: Pick<Config, 'cluster'>,
  { remoteVolumes }: { remoteVolumes: boolean },
): Resource[] {
  const { system } = cluster
  const source = node.place
  const programs = [
    ...basePackages,
    ...unlockPackages[cluster.unlock],
    ...(remoteVolumes ? ['nfs-common'] : []),
    ...system.packages,
  ]
  return [
    packages(unique(programs), { source }),
    ...kernelModules({
      names: unique([...baseModules, ...system.modules]),
      path: '/etc/modules-load.d/metaltasks.conf',
      source,
    }),
    // After 99-sysctl.conf, which is /etc/sysctl.conf.
    ...sysctl({
      values: { ...baseParameters, ...system.sysctl },
      path: '/etc/sysctl.d/99-tasks.conf',
      source,
    }),
    swapOff(),
  ]
}

/** What kubelet and kube-proxy call, what encrypted volumes are made with, and what this very tool needs there. */
const basePackages = [
  ...['conntrack', 'ethtool', 'iptables', 'socat'],
  ...['cryptsetup', 'e2fsprogs', 'lvm2', 'xfsprogs'],
  ...['kmod', 'openssl', 'procps'],
]

const unlockPackages = {
  'key-server': ['openssh-client'],
  tang: ['clevis', 'clevis-luks'],
  tpm2: ['clevis', 'clevis-luks', 'clevis-tpm2'],
  manual: [],
}

/** Layers of container images, what bridges pass to iptables, encrypted volumes. */
const baseModules = ['overlay', 'br_netfilter', 'dm_crypt']

const baseParameters = {
  'net.bridge.bridge-nf-call-ip6tables': '1',
  'net.bridge.bridge-nf-call-iptables': '1',
  'net.ipv4.ip_forward': '1',
  // What the kubelet expects before it starts where it may not set it itself (protectKernelDefaults).
  'kernel.panic': '10',
  'kernel.panic_on_oops': '1',
  'vm.overcommit_memory': '1',
}

function unique(words: string[]): string[] {
  return [...new Set(words)]
}
