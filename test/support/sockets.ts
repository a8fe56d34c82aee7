import { readdir, readFile, readlink } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** Looks at every socket of the processes of a sandbox, again and again until something is over. */
export async function foreignSockets(directory: string, until: Promise<unknown>) {
  let isOver = false
  void until.finally(() => {
    isOver = true
  })
  const sockets = new Set<string>()
  const foreign = new Set<string>()
  while (!isOver) {
    for (const { inode, addresses, text } of await socketsOf(directory)) {
      sockets.add(inode)
      if (!addresses.every(isLocal)) foreign.add(text)
    }
    await sleep(20)
  }
  return { sockets: sockets.size, foreign: [...foreign] }
}

async function socketsOf(directory: string) {
  const inodes = new Set<string>()
  for (const pid of await processesOf(directory)) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const link = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')
      const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1]
      if (inode) inodes.add(inode)
    }
  }
  const tables = ['tcp', 'tcp6', 'udp', 'udp6'].map((name) =>
    readFile(`/proc/net/${name}`, 'utf8').catch(() => ''),
  )
  const rows = (await Promise.all(tables)).flatMap((table) => table.split('\n').slice(1))
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter((columns) => inodes.has(columns[9] ?? ''))
    .map((columns) => ({
      inode: columns[9]!,
      addresses: columns.slice(1, 3),
      text: columns.slice(1, 4).join(' '),
    }))
}

async function processesOf(directory: string): Promise<string[]> {
  const files = await readdir(`${directory}/run`)
  const texts = await Promise.all(files.map((file) => readFile(`${directory}/run/${file}`, 'utf8')))
  return texts.map((text) => text.split(' ')[0]!)
}

/** 127.0.0.0/8 and ::1 as the kernel prints them; an all-zero peer belongs to a socket that listens. */
function isLocal(address: string, index: number): boolean {
  const [hex, port] = address.split(':') as [string, string]
  if (index === 1 && /^0+$/.test(hex) && port === '0000') return true
  const isMapped = hex.startsWith('0000000000000000FFFF0000')
  const v4 = hex.length === 8 ? hex : isMapped ? hex.slice(24) : ''
  return v4 ? v4.endsWith('7F') : hex === '00000000000000000000000001000000'
}
