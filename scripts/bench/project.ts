import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lab } from './lab.ts'
import { runProgram } from './program.ts'

/** The two tools on one API server, reached by one port, with the same file. */
export interface Project {
  folder: string
  /** Puts a file where `tasks` finds it as a manifest and kubectl by its path. */
  write(name: string, text: string): Promise<void>
  tasks(...args: string[]): Promise<number>
  kubectl(...args: string[]): Promise<number>
  path(name: string): string
  kubectlCommand: string[]
}

export interface ProjectOptions {
  name: string
  /** Another way to the API server than the straight one. */
  port?: number
  /** How many nodes the configuration names: 3 unless given. */
  nodes?: number
  /** Further lines of .env. */
  env?: string[]
}

/** Makes a folder as an operator has one, that names the API server as its cluster. */
export async function makeProject(
  lab: Lab,
  { name, port, nodes = 3, env = [] }: ProjectOptions,
): Promise<Project> {
  const server = await lab.server()
  const folder = join(lab.folder, name)
  await mkdir(join(folder, 'manifests'), { recursive: true })
  const kubeconfig = join(folder, 'kubeconfig')
  const text = await readFile(server.kubeconfig, 'utf8')
  await writeFile(kubeconfig, text.replace(`127.0.0.1:${server.port}`, `127.0.0.1:${port ?? server.port}`))
  const names = Array.from({ length: nodes }, (_, index) => `kube${index + 1}`).join(' ')
  const lines = [`K8S_NODES="${names}"`, `K8S_KUBECONFIG=${kubeconfig}`, ...env]
  await writeFile(join(folder, '.env'), `${lines.join('\n')}\n`)
  const cache = join(folder, 'kubectl-cache')
  const kubectlCommand = [server.kubectl, `--kubeconfig=${kubeconfig}`, `--cache-dir=${cache}`]
  const path = (manifest: string) => join(folder, 'manifests', `${manifest}.yaml`)
  const seconds = async (command: string[]) => (await runProgram(command, { cwd: folder })).seconds
  return {
    folder,
    path,
    kubectlCommand,
    write: (manifest, content) => writeFile(path(manifest), content),
    tasks: (...args) => seconds([process.execPath, lab.tasks, ...args, '--yes']),
    kubectl: (...args) => seconds([...kubectlCommand, ...args]),
  }
}
