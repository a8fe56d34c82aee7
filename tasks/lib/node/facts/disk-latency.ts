import { TaskError } from '../../cli/errors.ts'
import type { Machine } from '../machine.ts'

/** How long a disk takes until a small write is safe: etcd wants 99 of 100 below 10 ms. */
export interface DiskLatency {
  p99Milliseconds: number
  writes: number
}

/** Folder of etcd, or where it will be. */
const folder = '/var/lib/etcd'

const writes = 100
/** A slow disk is measured with fewer writes. */
const mostSeconds = 20
const fewestWrites = 10

// 2300 bytes, as etcd writes; dd is told to write through. The file is gone afterwards.
const script = `folder=${folder}
[ -d "$folder" ] || folder=\${folder%/*}
file=$(mktemp "$folder/.metaltasks-latency.XXXXXX") || exit 1
trap 'rm -f "$file"' EXIT
trap 'exit 1' HUP INT TERM
read -r end rest </proc/uptime
end=$((\${end%.*} + ${mostSeconds}))
i=0
while [ $i -lt ${writes} ]; do
  dd if=/dev/zero of="$file" bs=2300 count=1 seek=$i oflag=dsync conv=notrunc 2>&1
  read -r now rest </proc/uptime
  [ \${now%.*} -lt $end ] || break
  i=$((i + 1))
done
`

/** Measures on the disk of etcd; writes a quarter of a megabyte there and removes it. */
export async function measureDiskLatency(machine: Machine, signal: AbortSignal): Promise<DiskLatency> {
  const options = { title: `measure writes in ${folder}`, signal, timeoutSeconds: 60 }
  const { stdout } = await machine.run(script, options)
  return readDiskLatency(stdout)
}

/**
 * Reads what dd printed in a row: "2300 bytes (2.3 kB, 2.2 KiB) copied, 0.00123 s, 1.9 MB/s". A TaskError where too
 * few writes came to their end.
 */
export function readDiskLatency(stdout: string): DiskLatency {
  const seconds = [...stdout.matchAll(/copied, ([\d.e-]+) s/g)].map(([, text]) => Number(text))
  if (seconds.length < fewestWrites) throw unmeasured(stdout)
  const sorted = seconds.sort((one, other) => one - other)
  const p99 = sorted[Math.ceil(sorted.length * 0.99) - 1]!
  return { p99Milliseconds: p99 * 1000, writes: sorted.length }
}

function unmeasured(stdout: string): TaskError {
  const words = stdout.trim().split('\n').at(-1)
  return new TaskError(`writes in ${folder} could not be measured${words && `: ${words}`}`, {
    hint: `look whether there is room, and whether it can be written to: df -h ${folder}`,
  })
}
