import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** Gives turns at a socket, one at a time, in the order in which they are asked for. Gives what ends it. */
export async function giveTurns(path: string): Promise<() => void> {
  const line: Socket[] = []
  const server = createServer((socket) => {
    // One that was killed while it waited: its close comes next.
    socket.on('error', () => {})
    socket.on('close', () => {
      const [first] = line
      line.splice(line.indexOf(socket), 1)
      if (socket === first) line[0]?.write('your turn')
    })
    if (line.push(socket) === 1) socket.write('your turn')
  })
  server.listen(path)
  await once(server, 'listening')
  return () => {
    server.close()
    for (const socket of line) socket.destroy()
  }
}

/** Waits for a turn. It ends with this process, or with what is given. */
export async function takeTurn(path: string): Promise<() => void> {
  const socket = connect(path)
  await new Promise((resolve, reject) => {
    socket.once('data', resolve)
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(`no turns are given at ${path} any more`)))
  })
  socket.unref()
  return () => void socket.destroy()
}
