/** What `init` asks. */
export interface StarterAnswers {
  domain: string
  namespace: string
  timezone: string
  nodes: StarterNode[]
  /** Names of the nodes that are control planes; every node is a worker. */
  controlPlanes: string[]
  loadBalancerRanges: string[]
  /** Path of the JSON schema as cluster.yaml sees it, where it is in reach. */
  schema?: string
}

export interface StarterNode {
  name: string
  address?: string
}
