import { expect, test } from 'vitest'
import { painter } from '../../tasks/lib/cli/terminal/colours.ts'
import type { Status } from '../../tasks/lib/status/model.ts'
import { statusText } from '../../tasks/lib/status/text.ts'
import { sampleStatus } from './sample.ts'

const text = (status: Status) => statusText(status, painter(false))

test('the whole text of a small sandbox', () => {
  expect(`\n${text(sampleStatus())}`).toMatchInlineSnapshot(`
    "
    sandbox home (simulated nodes), Kubernetes 1.36.3
    simulated: no real machine stands behind any node, readiness, address or binding below

    Nodes
      kube1  simulated            control-plane,worker  1.36.3  192.0.2.10  3 pods
      kube2  simulated, cordoned  control-plane,worker  1.36.3  192.0.2.11  7 pods
      kube3  not ready            control-plane,worker  1.36.3  192.0.2.12  11 pods  KubeletNotReady: container runtime network not ready

    Workloads
      headlamp                  Deployment headlamp                  1/1  simulated
      ingress-nginx-controller  Deployment ingress-nginx-controller  1/1  simulated
      worker                    Deployment web                       1/2  failed     1 of 2 available; pod web-1: container app: CrashLoopBackOff, ended with 1 (Error)

    Load balancers
      worker  web  192.168.1.240 (simulated)

    Volumes
      kube1  pool-m  8 of 10 available, 2 bound                         16 GiB of 80 GiB bound
      kube1  pool-s  24 of 29 available, 3 bound, 1 released, 1 failed  1.5 GiB of 14 GiB bound
      kube1  share   1 of 1 available                                   0 B of 8 GiB bound
      kube2  pool-m  8 of 10 available, 2 bound                         16 GiB of 80 GiB bound
      kube2  pool-s  24 of 29 available, 3 bound, 1 released, 1 failed  1.5 GiB of 14 GiB bound
      kube2  share   1 of 1 available                                   0 B of 8 GiB bound
      kube3  pool-m  8 of 10 available, 2 bound                         16 GiB of 80 GiB bound
      kube3  pool-s  24 of 29 available, 3 bound, 1 released, 1 failed  1.5 GiB of 14 GiB bound
      kube3  share   1 of 1 available                                   0 B of 8 GiB bound
      15 claims bound (simulated)

    Claims that wait
      worker/database  8Gi  fast  not bound to a volume: there is no StorageClass fast

    Add-ons
      flannel        0.28.8  differs             the configuration says 0.28.9
      headlamp       0.45.0  installed
      ingress-nginx  1.15.1  installed, retired

    Retired
      no releases any more (since 2026-03)
      the way on: Gateway API

    Last run
      install: done in 11s, 192 changes, 2026-11-21 11:08:45 UTC
      plan        7.6s
      persistent  0.7s  124 changed
      verify      0.2s

    To look at
      Deployment worker/web: 1 of 2 available; pod web-1: container app: CrashLoopBackOff
    "
  `)
})

test('what a cluster says cannot move the cursor', () => {
  const sample = sampleStatus()
  const [first, ...rest] = sample.workloads
  const workloads = [{ ...first!, reason: '\x1b[2Jgone\nnext' }, ...rest]
  const said = text({ ...sample, workloads, problems: ['\x1b[2Jgone'] })
  expect(said).not.toContain('\x1b')
  expect(said).toContain('gone next')
})

test('many problems are cut, and the rest is where it says', () => {
  const problems = Array.from({ length: 12 }, (_, index) => `problem ${index}`)
  expect(text({ ...sampleStatus(), problems })).toContain('  problem 9\n  … and 2 more: --json has all\n')
})

test('an empty cluster without a recorded run has no empty sections', () => {
  const volumes = {
    simulated: false,
    groups: [],
    released: [],
    failed: [],
    orphans: [],
    boundClaims: 0,
    pendingClaims: [],
  }
  const nothing = {
    nodes: [],
    workloads: [],
    loadBalancers: [],
    volumes,
    addons: [],
    problems: [],
    lastRun: null,
  }
  expect(text({ ...sampleStatus({ simulated: false }), ...nothing })).toBe(
    'cluster home at https://10.0.0.1:6443, Kubernetes 1.36.3\n\nLast run\n  none is recorded\n',
  )
})
