import { TaskError } from '../../cli/errors.ts'
import type { Machine } from '../machine.ts'

/** How long a disk takes until a small write is safe: etcd wants 99 of 100 below 10 ms. */
export interface DiskLatency {
  p99Milliseconds: number
  writes: number
  by: 'fio' | 'dd'
}

/** Folder of etcd, or where it will be. */
const folder = '/var/lib/etcd'

const writes = 100
/** A slow disk is measured with fewer writes. */
const mostSeconds = 20
const fewestWrites = 10

// 2300 bytes, as etcd writes; fio counts fdatasync, dd is told to write through. The file is gone afterwards.
const script = `folder=${folder}
[ -d "$folder" ] || folder=\${folder%/*}
file=$(mktemp "$folder/.metaltasks-latency.XXXXXX") || exit 1
trap 'rm -f "$file"' EXIT
trap 'exit 1' HUP INT TERM
if command -v fio >/dev/null 2>&1; then
  fio --name=etcd --filename="$file" --rw=write --ioengine=sync --fdatasync=1 --size=230k --bs=2300 --output-format=json
else
  read -r end rest </proc/uptime
  end=$((\${end%.*} + ${mostSeconds}))
  i=0
  while [ $i -lt ${writes} ]; do
    dd if=/dev/zero of="$file" bs=2300 count=1 seek=$i oflag=dsync conv=notrunc 2>&1
    read -r now rest </proc/uptime
    [ \${now%.*} -lt $end ] || break
    i=$((i + 1))
  done
fi
`

/** Measures on the disk of etcd; writes a quarter of a megabyte there and removes it. */
export async function measureDiskLatency(machine: Machine, signal: AbortSignal): Promise<DiskLatency> {
  const options = { title: `measure writes in ${folder}`, signal, timeoutSeconds: 60 }
  const { stdout } = await machine.run(script, options)
  return readDiskLatency(stdout)
}

/** Reads what fio, or dd in a row, printed. */
export function readDiskLatency(stdout: string): DiskLatency {
  const latency = stdout.trimStart().startsWith('{') ? readFio(stdout) : readDd(stdout)
  if (latency) return latency
  throw new TaskError('what fio or dd printed cannot be read', { hint: 'try on the machine: fio --version' })
}

function readFio(stdout: string): DiskLatency | undefined {
  const { jobs } = JSON.parse(stdout)
  const sync = jobs?.[0]?.sync?.lat_ns
  const p99 = sync?.percentile?.['99.000000']
  if (typeof p99 !== 'number') return undefined
  return { p99Milliseconds: p99 / 1e6, writes: sync.N ?? writes, by: 'fio' }
}

// "2300 bytes (2.3 kB, 2.2 KiB) copied, 0.00123 s, 1.9 MB/s"
function readDd(stdout: string): DiskLatency | undefined {
  const seconds = [...stdout.matchAll(/copied, ([\d.e-]+) s/g)].map(([, text]) => Number(text))
  if (seconds.length < fewestWrites) return undefined
  const sorted = seconds.sort((one, other) => one - other)
  const p99 = sorted[Math.ceil(sorted.length * 0.99) - 1]!
  return { p99Milliseconds: p99 * 1000, writes: sorted.length, by: 'dd' }
}
