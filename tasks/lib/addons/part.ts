import type { ApiClient } from '../api/client.ts'
import type { ObjectSet } from '../api/run.ts'
import type { Progress, Step } from '../cli/change.ts'
import type { Finding } from '../cli/errors.ts'
import type { Context } from '../cli/task.ts'
import type { ClusterNode, Config } from '../config/model.ts'
import type { ManifestObject } from '../manifest/object.ts'
import type { NodeStep } from '../node/plan/plan-nodes.ts'
import type { Machines } from '../node/ssh/machines.ts'
import type { Target } from '../sandbox/target.ts'
import type { Component } from './catalog.ts'

/** One line of a recipe: a manifest's set, a set that is computed, a step of its own kind, or work on machines. */
export interface Part {
  name: string
  title: string
  manifest?: string
  component?: Component
  objects?(project: Project): Promise<{ objects: ManifestObject[]; findings: Finding[] }>
  set?(project: Project): Promise<{ set: ObjectSet; findings: Finding[] }>
  /** Its set made to fit what the cluster has already. */
  live?(set: ObjectSet, cluster: { client: ApiClient; signal: AbortSignal }): Promise<ObjectSet>
  step?(cluster: OpenCluster): Promise<Step>
  /** What has to hold on machines; left out where the nodes are simulated. */
  nodes?(project: NodeProject): Promise<NodeStep['work']> | NodeStep['work']
  /** How many machines are worked on side by side, where that is fewer than usual: 1 where quorum matters. */
  parallel?: number | ((project: NodeProject) => Promise<number | undefined>)
  /** On machines: none waits for another one in it, so each goes on with the next part by itself. */
  ownPace?: boolean
  /** Where it changes anything there is no cluster yet: what comes after it is planned when it was made. */
  makesCluster?: boolean
  /** Where it changes anything there are more nodes after it: steps about nodes are planned again then. */
  addsNodes?: boolean
}

/** A line of a recipe that is about machines. */
export type NodePart = Part & Required<Pick<Part, 'nodes'>>

export interface Project extends Pick<Context, 'output' | 'signal'> {
  config: Config
  packageRoot: string
}

/** What a part that is about machines works with. */
export interface NodeProject extends Project {
  machines: Machines
  /** The nodes that this run is about. */
  nodes: ClusterNode[]
  /** Names of all parts about machines in this plan, in their order: what an earlier one makes may be counted on. */
  parts: readonly string[]
}

export interface OpenCluster extends Project {
  target: Target
  progress: Progress
}
