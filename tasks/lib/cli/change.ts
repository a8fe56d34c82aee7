import type { Finding, Place } from './errors.ts'

/** Something that has to hold at the end: already so, or made so by a Change. */
export interface Check {
  /** What it is about, stable across runs: "Deployment default/web", "kube1: /dev/vg0/data". */
  target: string
  /** Waits until it holds; reports what it waits for; throws a TaskError when it cannot come true. */
  verify(progress: Progress): Promise<void>
  /** Set where no real machine stands behind the result: "ready" is then reported as "simulated". */
  simulated?: boolean
  /** Set where nothing is known of it, as of a machine that cannot be reached: it does not count as wanted already. */
  isUnknown?: boolean
}

/**
 * One difference between what is and what is wanted. API objects and node steps both are this, so that there is
 * one plan, one journal and one report. Making a Change reads only; nothing differs until run().
 */
export interface Change extends Check {
  action: 'create' | 'update' | 'adopt' | 'replace' | 'delete' | 'run'
  /** One line in the imperative, as the plan and the report print it: "create Deployment default/web". */
  title: string
  /** The state before and after, masked, as lines; the plan prints their difference. Empty: nothing there. */
  before: string[]
  after: string[]
  /** The exact command lines that run on a node; the plan prints them. */
  commands?: string[]
  /** The manifest or configuration line that asks for it. */
  source?: Place
  /** Said beside it in the plan: "dry run only: nothing answers this webhook in the sandbox". */
  notes?: string[]
  /** What it was planned on, "UID/resourceVersion": a saved plan is stale when this has moved. */
  basis?: string
  /** Changes of one lane run in their order, one after the other; lanes of a wave run side by side: a machine's name. */
  lane?: string
  /** Why it cannot be made: a conflict, an immutable field. One such Change and apply changes nothing at all. */
  blocked?: Finding
  run(progress: Progress): Promise<void>
}

/** Changes that may be made side by side. */
export interface Wave {
  changes: Change[]
  /** How many changes, or lanes, at once; the API client adapts below this by itself. */
  parallel: number
  /** Verify these before the next wave: a CRD is Established, a Namespace Active, a node joined. */
  gate?: boolean
}

/** One line of the recipe: its waves run in order. `name` is what --only takes and the journal records. */
export interface Step {
  name: string
  title: string
  waves: Wave[]
  /** What is there already and needs no change; verified at the end like the rest. */
  unchanged: Check[]
  /**
   * Plans it again when its turn has come, because only the steps before make what it is planned on: a cluster. The
   * plan shows what is known until then.
   */
  again?(progress: Progress): Promise<{ step: Step; findings: Finding[] }>
  /** What it makes a later step makes otherwise: it is verified when it is made, and not at the end. */
  transient?: boolean
  /**
   * Nothing in it waits for another lane: of neighbours that all have this, each lane goes on with the next step as soon
   * as it is done with one, so that a slow machine keeps no other one waiting. One wave, without a gate.
   */
  ownPace?: boolean
}

export interface Plan {
  /** The target's name, said in the plan's first line: "sandbox home (simulated nodes)", "cluster home at …". */
  target: string
  /** A fingerprint of the target (its kube-system namespace UID): apply refuses a plan made for another. */
  fingerprint?: string
  steps: Step[]
  /** False where nothing real is touched, as in the sandbox: the plan is applied without a question. */
  ask?: boolean
  /** How long the checks at the end, and each gate, may take in all: 300. With 0 only the gates are waited for. */
  waitSeconds?: number
  /**
   * Taken before the first change, given back after the last: locks on machines. Throws a TaskError where somebody
   * else has them; nothing is then changed.
   */
  hold?(signal: AbortSignal): Promise<() => Promise<void>>
  /** The command to type when all is done: "tasks status". */
  next?: string
  /** Warnings and notes for the reader; never errors. */
  findings: Finding[]
}

/** What a running change may say and hear. */
export interface Progress {
  /** Replaces this item's live line: "waiting for Deployment default/web: 1 of 3 available". */
  say(text: string): void
  /** Aborted by Ctrl-C or a time limit: start nothing new. */
  signal: AbortSignal
}
