/** The clone that is set up, or with `undo` put back as it was. */
export interface Setup {
  /** Its top folder. */
  top: string
  /** How a shell starts tasks. */
  command: string
  undo?: boolean
}

/** One thing that setting up does, or undoing takes back. */
export interface SetupChange {
  title: string
  run(): Promise<void>
}
