import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Spreads the files of each project over the whole run, so that those that take turns rarely wait for each other. */
export default class TestOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return spread(await super.sort(files), (file) => file.project.name)
  }
}

/** All in an order in which each group begins and ends with the others; within a group nothing changes. */
export function spread<T>(all: readonly T[], groupOf: (one: T) => string): T[] {
  const groups = new Map<string, T[]>()
  for (const one of all) groups.set(groupOf(one), [...(groups.get(groupOf(one)) ?? []), one])
  return [...groups.values()]
    .flatMap((group) => group.map((one, index) => ({ one, place: index / group.length })))
    .sort((left, right) => left.place - right.place)
    .map(({ one }) => one)
}
