import { expect, test } from 'vitest'
import { statusLines } from '../../tasks/lib/sandbox/status-text.ts'

test('the status names version, address, processes and memory', () => {
  const lines = statusLines({
    state: 'running',
    directory: '/s',
    kubernetesVersion: '1.36.3',
    server: 'https://127.0.0.1:6443',
    kubeconfig: '/s/kubeconfig',
    created: '2026-01-02T03:04:05.000Z',
    upSeconds: 7260,
    nodes: 3,
    memory: 328_000_000,
    processes: [
      { name: 'etcd', pid: 9, ports: [2379, 2380], memory: 42_000_000, log: '/s/logs/etcd.log' },
      { name: 'kwok', pid: 10, ports: [], memory: 286_000_000, log: '/s/logs/kwok.log' },
    ],
  })
  expect(lines).toEqual([
    'state       running',
    'version     Kubernetes 1.36.3',
    'server      https://127.0.0.1:6443',
    'kubeconfig  /s/kubeconfig',
    'nodes       3, simulated',
    'up for      2 h 1 min',
    'created     2026-01-02T03:04:05.000Z',
    'memory      328 MB',
    '',
    'PROCESS  PID  MEMORY  PORTS      LOG',
    'etcd     9    42 MB   2379,2380  /s/logs/etcd.log',
    'kwok     10   286 MB  -          /s/logs/kwok.log',
  ])
})

test('a sandbox that was never started says so', () => {
  expect(statusLines({ state: 'absent', directory: '/s', processes: [], memory: 0 })).toEqual([
    'the sandbox was never started',
  ])
})
