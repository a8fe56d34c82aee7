import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Architecture, releaseOf } from '../../tasks/lib/node/software/releases.ts'
import type { ProgramName } from '../../tasks/lib/node/software/versions.ts'

const plugins = ['bridge', 'loopback']

/** Releases with tiny programs that say their version, below a folder as HOST/PATH, and SHA256SUMS beside them. */
export function writeReleases(
  folder: string,
  versions: Partial<Record<ProgramName, string>>,
  arch: Architecture = 'amd64',
): string {
  for (const [name, version] of Object.entries(versions) as [ProgramName, string][]) {
    const { path, folder: inside, only = plugins } = releaseOf(name, { version, arch })
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    const work = join(folder, '.work')
    for (const program of only) writeProgram(join(work, inside ?? '', program), `${program} ${version}`)
    if (inside === undefined) execFileSync('mv', [join(work, only[0]!), file])
    else {
      writeFileSync(join(work, inside, 'README.md'), 'read me\n')
      const same = ['--sort=name', '--mtime=@0', '-I', 'gzip -n']
      execFileSync('tar', [...same, '-C', work, '-cf', file, '.'])
    }
    rmSync(work, { recursive: true })
  }
  const sums = join(folder, 'SHA256SUMS')
  const find = 'find . -type f ! -name SHA256SUMS -printf "%P\\0" | xargs -0 sha256sum'
  writeFileSync(sums, execFileSync('sh', ['-c', find], { cwd: folder }))
  return sums
}

function writeProgram(file: string, says: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `#!/bin/sh\necho '${says}'\n`, { mode: 0o755 })
}
