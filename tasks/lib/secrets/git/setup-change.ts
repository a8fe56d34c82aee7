/** One thing that setting up does, or undoing takes back. */
export interface SetupChange {
  title: string
  run(): Promise<void>
}
