import type { StarterAnswers, StarterNode } from './starter-answers.ts'
import { starterClusterFile } from './starter-cluster-file.ts'
import { starterEnvFile } from './starter-env-file.ts'

export interface StarterFile {
  name: string
  text: string
}

/** Lines that keep values and journals out of git. */
export const ignoredFiles = ['.env', '.env.local', '.tasks/']

/** The files of a new project: cluster.yaml, which is its own manual, and .env. */
export function starterFiles(answers: StarterAnswers): StarterFile[] {
  return [
    { name: 'cluster.yaml', text: starterClusterFile(answers) },
    { name: '.env', text: starterEnvFile(answers) },
  ]
}

/** "kube1", "kube1=192.168.1.11" or "kube1:192.168.1.11". */
export function parseStarterNode(text: string): StarterNode {
  const [, name, address] = /^([^=:]*)(?:[=:](.*))?$/.exec(text) ?? []
  return { name: name ?? text, ...(address && { address }) }
}

/** The first three of three or more, else the first: one may fail of three, none of two. */
export function usualControlPlanes(nodes: StarterNode[]): string[] {
  return nodes.slice(0, nodes.length >= 3 ? 3 : 1).map(({ name }) => name)
}
