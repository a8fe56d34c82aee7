import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import TestOrder from './scripts/test-order.ts'
import { leftOut } from './test/support/left-out.ts'

const { lab: withoutLab, files: withoutSshd } = leftOut()
// Where machines are shared and slow a test may fail once for want of time; the summary names each that did. Each
// project has to be told: it takes nothing of this over from the settings of all.
const retry = Number(process.env.METALTASKS_RETRY ?? 0)
// Hours of kills, power cuts, random disks and whole clusters: npm run lab:full.
const isFull = process.env.METALTASKS_LAB === 'full'
const lab = {
  test: {
    name: 'lab',
    include: [isFull ? 'test/lab/**/*.test.ts' : 'test/lab/*.test.ts'],
    globalSetup: 'test/support/lab-image.ts',
    // Its machines want the host for themselves: after all others.
    sequence: { groupOrder: 1 },
    fileParallelism: false,
    retry,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
}

// They wait more than they compute: two for each of two processors, and one of them for the API server.
const maxWorkers = Math.max(4, availableParallelism())

// unit: no servers, seconds; real programs (sops, age) are built when they are missing. real: a real API server on loopback, minutes; its
// files share one server and take turns, beside those of unit. lab: real machines (User Mode Linux, as root), a lab for each file, one at a time.
export default defineConfig({
  test: {
    globalSetup: 'test/support/installed.ts',
    sequence: { sequencer: TestOrder },
    reporters: ['default', './scripts/test-summary.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/lab/**', ...withoutSshd],
          maxWorkers,
          globalSetup: 'test/support/real-programs.ts',
          retry,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      ...(withoutLab ? [] : [lab]),
      {
        test: {
          name: 'real',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/support/control-plane.ts',
          setupFiles: 'test/support/one-at-a-time.ts',
          retry,
          maxWorkers,
          testTimeout: 120_000,
          hookTimeout: 1_800_000,
        },
      },
    ],
  },
})
