import type { ClusterNode } from '../config/model.ts'
import { firstLabel } from '../config/nodes.ts'
import type { DiskLatency } from '../node/facts/disk-latency.ts'
import type { Facts } from '../node/facts/facts.ts'
import { clockText, gibibytes, isClockOff } from '../node/facts/facts-text.ts'
import type { Result } from './result.ts'

/** A node that answered. */
export interface Host {
  node: ClusterNode
  facts: Facts
}

/** One good line for a machine, or a line for each thing that is wrong with it. */
export function hostResults({ node, facts }: Host): Result[] {
  const name = firstLabel(node.name)
  const wrong = checks.flatMap((check) => check(facts, node)).map((result) => ({ name, ...result }))
  if (wrong.length > 0) return wrong
  const { os, kernel, cpus, memoryBytes = 0 } = facts
  const detail = `${os.name}, Linux ${kernel}, ${cpus} CPUs, ${gibibytes(memoryBytes)}, clock agrees`
  return [{ name, state: 'good', detail }]
}

type Wrong = Omit<Result, 'name'>
type HostCheck = (facts: Facts, node: ClusterNode) => Wrong[]

const checks: HostCheck[] = [
  hostnameWrong,
  sizeWrong,
  cgroupWrong,
  swapWrong,
  clockWrong,
  modulesWrong,
  rebootWrong,
]

// The kubelet takes the hostname as the node's name.
function hostnameWrong({ hostname }: Facts, { name }: ClusterNode): Wrong[] {
  if ([name, firstLabel(name)].includes(hostname)) return []
  const detail = `calls itself ${hostname}, the configuration calls it ${name}`
  return [{ state: 'warning', detail, hint: `hostnamectl set-hostname ${firstLabel(name)}, there` }]
}

const mebibyte = 2 ** 20

// What kubeadm's preflight asks of a control plane: 2 CPUs and 1700 MB.
function sizeWrong({ cpus = 0, memoryBytes = 0 }: Facts, { roles }: ClusterNode): Wrong[] {
  if (!roles.includes('control-plane')) return []
  const hint = 'give the machine more, or take the role control-plane from it'
  return [
    ...(cpus < 2
      ? [{ state: 'missing' as const, detail: `${cpus} CPU, a control plane takes 2`, hint }]
      : []),
    ...(memoryBytes < 1700 * mebibyte
      ? [
          {
            state: 'missing' as const,
            detail: `${gibibytes(memoryBytes)}, a control plane takes 1.7 GiB`,
            hint,
          },
        ]
      : []),
  ]
}

function cgroupWrong({ cgroup }: Facts): Wrong[] {
  if (cgroup === 2) return []
  const hint = 'boot with systemd.unified_cgroup_hierarchy=1 on the kernel command line'
  return [{ state: 'missing', detail: `has cgroup ${cgroup ? 'v1' : 'of an unknown kind'}, not v2`, hint }]
}

function swapWrong({ swap }: Facts, { name }: ClusterNode): Wrong[] {
  if (swap.length === 0) return []
  const hint = `turn it off: NODE=${firstLabel(name)} tasks node:prepare`
  return [{ state: 'warning', detail: `swap is on: ${swap.join(' ')}`, hint }]
}

function clockWrong({ clock }: Facts): Wrong[] {
  if (isClockOff(clock))
    return [
      {
        state: 'missing',
        detail: `${clockText(clock).replace('ahead', 'ahead of')} this one`,
        hint: 'there: timedatectl set-ntp true',
      },
    ]
  if (clock.isSynchronized !== false && clock.service !== undefined) return []
  const detail = clock.service
    ? `${clock.service} has not set the clock yet`
    : 'nothing keeps its clock right: certificates and etcd need that'
  return [
    { state: 'warning', detail, hint: 'there: apt install systemd-timesyncd && timedatectl set-ntp true' },
  ]
}

function modulesWrong({ modules, kernel }: Facts, { volumes }: ClusterNode): Wrong[] {
  const needed = ['overlay', 'br_netfilter', 'nf_conntrack', ...(volumes.length > 0 ? ['dm_crypt'] : [])]
  const missing = needed.filter((name) => modules[name] === 'missing')
  if (missing.length === 0) return []
  const hint = `install the modules of kernel ${kernel}, or boot one that has them`
  return [{ state: 'missing', detail: `its kernel has no ${missing.join(', ')}`, hint }]
}

function rebootWrong({ rebootRequired }: Facts): Wrong[] {
  if (!rebootRequired) return []
  return [
    { state: 'warning', detail: 'an update waits for a reboot', hint: 'reboot it when its work can move' },
  ]
}

/** What no two machines may have in common: copies of one image do. */
export function sharedResults(hosts: Host[]): Result[] {
  return [
    ...shared(hosts, {
      of: ({ machineId }) => machineId,
      what: 'machine-id',
      hint: 'on all but one: rm /etc/machine-id && systemd-machine-id-setup, and reboot',
    }),
    ...shared(hosts, {
      of: ({ hostname }) => hostname,
      what: 'hostname',
      hint: 'hostnamectl set-hostname NAME, on all but one',
    }),
  ]
}

function shared(
  hosts: Host[],
  { of, what, hint }: { of(facts: Facts): string | undefined; what: string; hint: string },
): Result[] {
  const values = new Set(hosts.flatMap(({ facts }) => of(facts) ?? []))
  return [...values].flatMap((value): Result[] => {
    const same = hosts.filter(({ facts }) => of(facts) === value).map(({ node }) => firstLabel(node.name))
    if (same.length === 1) return []
    return [{ name: what, state: 'missing', detail: `${same.join(', ')} have the same: ${value}`, hint }]
  })
}

/** etcd's own advice: 99 of 100 writes are safe within 10 ms. */
export function latencyResult(label: string, { p99Milliseconds, writes }: DiskLatency): Result {
  const name = `${label} disk`
  const detail = `99 of 100 writes are safe within ${p99Milliseconds.toFixed(1)} ms (${writes} were tried)`
  if (p99Milliseconds <= 10) return { name, state: 'good', detail }
  const hint = 'etcd wants 10 ms: give /var/lib/etcd a faster disk, or one of its own'
  return { name, state: 'warning', detail, hint }
}
