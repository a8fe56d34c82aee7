import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from '../../tasks/lib/node/machine.ts'
import { temporaryFolder } from './cli.ts'
import { localMachine } from './local-machine.ts'

/** A machine whose folders of Kubernetes are below a folder of its own, and whose programs may be stand-ins. */
export interface RelocatedMachine extends Machine {
  root: string
  /** All scripts that it got, as they were sent. */
  scripts: string[]
}

const moved = [
  '/etc/cni',
  '/etc/kubernetes',
  '/var/lib/etcd',
  '/var/lib/kubelet',
  '/etc/systemd/system',
  '/usr/local/sbin/',
]

/** This host, or a server on it, with other folders, so that what is written for root and fixed paths can be run by anybody. */
export function relocatedMachine(
  name: string,
  programs: Record<string, string>,
  machine: Machine = localMachine(name),
): RelocatedMachine {
  const root = temporaryFolder({})
  const bin = join(root, 'bin')
  for (const folder of ['bin', 'etc', 'var/lib', 'usr/local/sbin'])
    mkdirSync(join(root, folder), { recursive: true })
  for (const [program, text] of Object.entries(programs)) {
    writeFileSync(join(bin, program), `#!/bin/sh\nset -eu\nroot=${root}\n${text}`)
    chmodSync(join(bin, program), 0o755)
  }
  const scripts: string[] = []
  return {
    ...machine,
    name,
    label: name,
    root,
    scripts,
    async run(script, options = {}) {
      scripts.push(script)
      const { input } = options
      const moved = typeof input === 'string' ? { input: relocate(input, { root, bin }) } : {}
      const result = await machine.run(relocate(script, { root, bin }), { ...options, ...moved })
      return { ...result, stdout: result.stdout.replaceAll(root, '') }
    },
  }
}

function relocate(script: string, { root, bin }: { root: string; bin: string }): string {
  const owner = `${process.getuid!()}:${process.getgid!()}`
  return moved
    .reduce((text, path) => text.replaceAll(path, `${root}${path}`), script)
    .replaceAll(`PATH=${root}/usr/local/sbin/`, 'PATH=/usr/local/sbin/')
    .replaceAll('PATH=/usr/local/sbin:', `PATH=${bin}:/usr/local/sbin:`)
    .replaceAll('root:root', owner)
}
