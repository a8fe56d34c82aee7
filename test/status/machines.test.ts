import { expect, test } from 'vitest'
import { orphansOf } from '../../tasks/lib/addons/persistent-orphans.ts'
import { missingDirectories } from '../../tasks/lib/addons/persistent-survey.ts'
import { loadConfig } from '../../tasks/lib/config/config.ts'
import { parseSurvey } from '../../tasks/lib/node/directories/survey.ts'
import { directoryRows, machineProblems, machineStatuses, syncRows } from '../../tasks/lib/status/machines.ts'
import type { Status } from '../../tasks/lib/status/model.ts'
import { temporaryFolder } from '../support/cli.ts'
import { object } from '../support/objects.ts'

const base = '/var/lib/k8s-volumes'
const answer = `-- projects
1073741825 --------------e----P-- ${base}/pool-s/pv-500Mi-0001
0 --------------e------- ${base}/old
> ${base}/pool-s
> ${base}/pool-s/pv-500Mi-0001
> ${base}/pool-s/pv-500Mi-0007
> ${base}/old
> ${base}/backup
> ${base}/lost+found
-- usage
#0                  28          0          0     00 [--------]
#1073741825     460800          0     512000     00 [--none--]
-- sync
name=share
folder=${base}/share
result=failed
started=1795281023
ended=1795281033
message=kube2: ${base} is not mounted
conflicts=2
-- end
`

async function scene() {
  const env = { K8S_NODES: 'kube1', POOL_NUM_SMALL: '2', POOL_NUM_MEDIUM: '0', NAMED_VOLUMES: '' }
  const config = await loadConfig(temporaryFolder({ '.env': '' }), { environment: env })
  const surveys = new Map([['kube1', parseSurvey(answer, base)]])
  const volume = (name: string, path: string) =>
    object('PersistentVolume v1', name, {
      spec: { local: { path }, nodeAffinity: { required: { values: ['kube1'] } } },
    })
  const volumes = [
    volume('kube1-pv-500mi-0001', `${base}/pool-s/pv-500Mi-0001`),
    volume('kube1-pv-500mi-0009', `${base}/pool-s/pv-500Mi-0009`),
    volume('other', '/mnt/other'),
  ]
  const orphans = orphansOf(config, { volumes, surveys })
  return { config, surveys, orphans, machines: machineStatuses(surveys, orphans) }
}

test('C03 volumes without a definition and directories without a volume are orphans, shared folders are none', async () => {
  const { orphans } = await scene()
  expect(orphans).toEqual({
    volumes: ['kube1-pv-500mi-0009'],
    directories: [
      { node: 'kube1', path: `${base}/pool-s/pv-500Mi-0007` },
      { node: 'kube1', path: `${base}/old` },
    ],
  })
})

test('directories that volumes need and a machine has not are named with the command that makes them', async () => {
  const { config, surveys } = await scene()
  expect(missingDirectories(config, surveys)).toEqual([
    {
      severity: 'warning',
      message: `kube1: 1 directory is missing: ${base}/pool-s/pv-500Mi-0002`,
      hint: 'NODE=kube1 tasks persistent-dirs',
    },
  ])
})

test('status shows how full directories are, how synchronisations went, and what is an orphan', async () => {
  const { machines, orphans } = await scene()
  const status = { machines, volumes: { orphans: orphans.volumes } } as Status
  expect(directoryRows(status)).toEqual([
    ['kube1', '4 directories', '1 limited', `fullest: ${base}/pool-s/pv-500Mi-0001, 450 MiB of 500 MiB`],
  ])
  expect(syncRows(status)).toEqual([
    [
      'share',
      `kube1:${base}/share`,
      'failed 2026-11-21T17:10:33.000Z',
      '2 conflicts',
      `kube2: ${base} is not mounted`,
    ],
  ])
  expect(machineProblems(status)).toEqual([
    `synchronised folder share: kube2: ${base} is not mounted`,
    `synchronised folder share: 2 conflicts in ${base}/share`,
    'orphan: in no definition, kept with its data: PersistentVolume kube1-pv-500mi-0009',
    `orphan: no PersistentVolume is about the directory kube1:${base}/pool-s/pv-500Mi-0007, kube1:${base}/old`,
  ])
})
