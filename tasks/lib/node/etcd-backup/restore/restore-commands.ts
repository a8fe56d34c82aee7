import { quote, quoteAll } from '../../../cli/process/quote.ts'
import type { EtcdMember, MemberState, RestoreRecord, Stage } from './member-state.ts'
import { restoreFolder, scratchFolder } from './names.ts'

/** One restore: which, of what, and the members that get it. */
export interface Restore extends Omit<RestoreRecord, 'stage'> {
  members: readonly MemberState[]
  /** SHA-256 of the snapshot. */
  snapshot: string
  /** SHA-256 of the encryption file that is put in place; undefined where the one that is there stays. */
  keys?: string
}

const manifests = '/etc/kubernetes/manifests'
const aside = `${restoreFolder}/manifests`
const kubeSystem = '--label io.kubernetes.pod.namespace=kube-system'

/** Restores the snapshot beside the data that is there; etcd goes on meanwhile. The snapshot comes by stdin, packed. */
export function prepareCommands({ etcd }: MemberState, restore: Restore): string[] {
  return [
    `install -d -m 0700 ${scratchFolder} ${restoreFolder} ${aside}`,
    `test -z "$(ls -A ${aside})"`,
    record(restore, 'begun'),
    ...(etcd ? dataCommands(etcd, restore) : []),
    'sync',
    record(restore, 'prepared'),
  ]
}

function dataCommands(etcd: EtcdMember, restore: Restore): string[] {
  const { name, peerUrl, dataDir } = etcd
  const { id, members, snapshot } = restore
  const file = `${scratchFolder}/${id}.db`
  const all = members.flatMap((one) => one.etcd ?? [])
  const cluster = all.map((one) => `${one.name}=${one.peerUrl}`).join(',')
  const fresh = quote(freshFolder(etcd, restore))
  return [
    `(umask 077; gzip -dc >${file})`,
    `echo ${quote(`${snapshot}  ${file}`)} | sha256sum -c --quiet`,
    // What a run left that was killed here; it was never etcd's.
    `rm -rf ${fresh}`,
    quoteAll([
      ...['etcdutl', 'snapshot', 'restore', file, '--data-dir', freshFolder(etcd, restore)],
      ...['--name', name, '--initial-advertise-peer-urls', peerUrl, '--initial-cluster', cluster],
      ...['--initial-cluster-token', `restore-${id}`, '--bump-revision', '1000000000', '--mark-compacted'],
    ]),
    `chown -R --reference=${quote(dataDir)} ${fresh}`,
    `chmod 0700 ${fresh}`,
    `rm -f ${file}`,
  ]
}

/** Puts the manifests of API server and etcd aside, or stops the unit, and waits until they are gone. */
export function stopCommands({ etcd, server }: MemberState, restore: Restore): string[] {
  const move = `if test -e ${manifests}/$name.yaml; then mv -f ${manifests}/$name.yaml ${aside}/; fi`
  const pods = [...(server ? ['kube-apiserver'] : []), ...(etcd && !etcd.isUnit ? ['etcd'] : [])]
  return [
    expectStage(restore, ['prepared', 'stopped']),
    ...(etcd ? [`test -d ${quote(freshFolder(etcd, restore))}/member`] : []),
    ...(pods.length > 0 ? [`for name in ${pods.join(' ')}; do ${move}; done`] : []),
    ...(etcd?.isUnit ? ['systemctl stop etcd.service'] : []),
    'sync',
    ...gone({ etcd, server }),
    record(restore, 'stopped'),
  ]
}

/** Exchanges the data; what was there stays under a name with the time. Keys go where an API server is. */
export function exchangeCommands({ etcd, server }: MemberState, restore: Restore): string[] {
  return [
    expectStage(restore, ['stopped', 'exchanged']),
    ...gone({ etcd, server }),
    ...(etcd ? exchangeData(etcd, restore) : []),
    ...(server ? keysCommands(restore) : []),
    'sync',
    record(restore, 'exchanged'),
  ]
}

function exchangeData(etcd: EtcdMember, restore: Restore): string[] {
  const { dataDir, isMount } = etcd
  const data = quote(isMount ? `${dataDir}/member` : dataDir)
  const old = quote(keptFolder(etcd, restore))
  const fresh = freshFolder(etcd, restore)
  const next = quote(isMount ? `${fresh}/member` : fresh)
  return [
    // Killed in between, the old data has its new name already, and only the second half is left.
    `if test -e ${next}/${isMount ? 'snap' : 'member'} && test -e ${data}; then test ! -e ${old}; mv -T ${data} ${old}; fi`,
    `if test -e ${next}; then test ! -e ${data}; mv -T ${next} ${data}; fi`,
    ...(isMount ? [`if test -d ${quote(fresh)}; then rmdir ${quote(fresh)}; fi`] : []),
    `test -d ${quote(`${dataDir}/member/snap`)}`,
  ]
}

const encryption = '/etc/kubernetes/enc/config.yaml'
const keys = `${restoreFolder}/encryption.yaml`

// The restored Secrets can be read with the keys of their time; what was there before stays beside it.
function keysCommands({ id, keys: wanted }: Restore): string[] {
  if (wanted === undefined) return []
  const old = `${encryption}.bak-${id}`
  return [
    `if test -e ${keys}; then echo ${quote(`${wanted}  ${keys}`)} | sha256sum -c --quiet; ` +
      `if test -e ${encryption} && test ! -e ${old}; then cp -p ${encryption} ${old}; fi; ` +
      `install -d -m 0700 /etc/kubernetes/enc; mv -f ${keys} ${encryption}; fi`,
    `echo ${quote(`${wanted}  ${encryption}`)} | sha256sum -c --quiet`,
  ]
}

/** Puts the encryption file of the restored time beside the one that is there. It comes by stdin. */
export function bringKeysCommands(bytes: number): string[] {
  return [
    `install -d -m 0700 ${restoreFolder}`,
    `(umask 077; cat >${keys}.next)`,
    `test "$(wc -c <${keys}.next)" -eq ${bytes}`,
    `mv -f ${keys}.next ${keys}`,
  ]
}

/** Starts etcd; it answers once enough of its members have started. */
export function startEtcdCommands({ etcd, etcdctl }: MemberState, restore: Restore): string[] {
  const ask = `etcdctl ${quoteAll(etcdctl)} --command-timeout=5s get health`
  return [
    expectStage(restore, ['exchanged', 'etcd']),
    etcd?.isUnit
      ? 'systemctl start --no-block etcd.service'
      : `if test -e ${aside}/etcd.yaml; then mv -f ${aside}/etcd.yaml ${manifests}/; fi`,
    waitFor(`${ask} >/dev/null 2>&1`, { what: 'etcd does not answer', seconds: 600 }),
    record(restore, 'etcd'),
  ]
}

/** Starts the API server, where there is one. */
export function startServerCommands({ server }: MemberState, restore: Restore): string[] {
  const ask = `kubectl --kubeconfig /etc/kubernetes/admin.conf --server https://${server} --request-timeout 10s get --raw /readyz`
  return [
    expectStage(restore, ['etcd', 'serving']),
    `if test -e ${aside}/kube-apiserver.yaml; then mv -f ${aside}/kube-apiserver.yaml ${manifests}/; fi`,
    waitFor(`${ask} >/dev/null 2>&1`, { what: 'the API server is not ready', seconds: 600 }),
    record(restore, 'serving'),
  ]
}

/** Has all that remembers the time before begin anew. */
export function finishCommands({ server }: MemberState, restore: Restore): string[] {
  const list = `crictl ps -q ${kubeSystem} --name '^(kube-scheduler|kube-controller-manager)$'`
  const again = [`for one in $(${list}); do crictl stop "$one"; done`, 'systemctl restart kubelet']
  return [
    expectStage(restore, [server ? 'serving' : 'etcd', 'finished']),
    ...(server ? again : []),
    record(restore, 'finished'),
  ]
}

/** Where the restored data is until it takes the place of what is there: on the same file system. */
function freshFolder({ dataDir, isMount }: EtcdMember, { id }: Pick<Restore, 'id'>): string {
  return isMount ? `${dataDir}/restored-${id}` : `${dataDir}.restored-${id}`
}

/** Where the data that was there stays. */
export function keptFolder({ dataDir, isMount }: EtcdMember, { id }: Pick<Restore, 'id'>): string {
  return isMount ? `${dataDir}/member.bak-${id}` : `${dataDir}.bak-${id}`
}

function gone({ etcd, server }: Pick<MemberState, 'etcd' | 'server'>): string[] {
  const list = `crictl ps -q ${kubeSystem} --name '^(etcd|kube-apiserver)$'`
  const turn = `left=$(${list}); test -n "$left" || break; turns=$((turns + 1))`
  const pods = `turns=0; while :; do ${turn}; ${giveUp(300, 'containers still run: $left')}; sleep 1; done`
  const unit = 'if systemctl is-active -q etcd.service; then echo "etcd.service still runs" >&2; exit 1; fi'
  return [...(server || !etcd?.isUnit ? [pods] : []), ...(etcd?.isUnit ? [unit] : [])]
}

function waitFor(command: string, { what, seconds }: { what: string; seconds: number }): string {
  return `turns=0; until ${command}; do turns=$((turns + 1)); ${giveUp(seconds, what)}; sleep 1; done`
}

function giveUp(turns: number, reason: string): string {
  return `if test "$turns" -ge ${turns}; then echo "${reason}" >&2; exit 1; fi`
}

function record({ id, sha256, set }: Restore, stage: Stage): string {
  const next = `${restoreFolder}/record.next`
  return `echo ${quote(`${id} ${sha256} ${set} ${stage}`)} >${next}; sync ${next}; mv -f ${next} ${restoreFolder}/record`
}

function expectStage({ id, sha256, set }: Restore, stages: Stage[]): string {
  return `grep -qxE ${quote(`${id} ${sha256} ${set} (${stages.join('|')})`)} ${restoreFolder}/record`
}
