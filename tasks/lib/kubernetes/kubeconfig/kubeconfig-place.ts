import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import type { Config } from '../../config/model.ts'

/** The sandbox's own kubeconfig: what it says never gets into the operator's. */
export function sandboxKubeconfig(root: string): string {
  return join(root, '.tasks', 'kubeconfig')
}

/** Where contexts of a real cluster go: the first file of KUBECONFIG, else ~/.kube/config. */
export function kubeconfigPlace({ root, variables }: Pick<Config, 'root' | 'variables'>): string {
  const { value = '', origin } = variables.get('KUBECONFIG') ?? {}
  // As kubectl reads it where it was exported; in a file of the project it starts from there.
  const base = origin === 'environment' ? '.' : root
  const files = value
    .split(delimiter)
    .filter(Boolean)
    .map((file) => resolve(base, file.replace(/^~(?=\/|$)/, homedir())))
  return files.find((file) => file !== sandboxKubeconfig(root)) ?? join(homedir(), '.kube', 'config')
}
