/** One of the things that are compared; gives the seconds that it took. */
export interface Contender {
  name: string
  run(): Promise<number>
  /** Brings about what each run starts from; not in its time. */
  prepare?(): Promise<void>
}

/** Runs all of them once unmeasured, then in turn (A B A B), and gives the seconds of each run by the contender's name. */
export async function alternate(
  contenders: Contender[],
  { runs, warm = true }: { runs: number; warm?: boolean },
): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  for (let round = warm ? -1 : 0; round < runs; round++) {
    for (const { name, run, prepare } of contenders) {
      await prepare?.()
      const seconds = await run()
      if (round >= 0) times.get(name)!.push(seconds)
    }
  }
  return times
}

/** The seconds that some work takes. */
export async function timed(work: () => unknown): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}
