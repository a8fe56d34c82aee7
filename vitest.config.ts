import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { leftOut } from './test/support/left-out.ts'

const { lab: withoutLab, files: withoutSshd } = leftOut()
// Hours of kills, power cuts, random disks and whole clusters: npm run lab:full.
const isFull = process.env.METALTASKS_LAB === 'full'
const lab = {
  test: {
    name: 'lab',
    include: [isFull ? 'test/lab/**/*.test.ts' : 'test/lab/*.test.ts'],
    globalSetup: 'test/support/lab-image.ts',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
}

// unit: no servers, seconds; real programs (sops, age) are built when they are missing. real: a real API server on loopback, minutes; its
// files share one server, one at a time. lab: real machines (User Mode Linux, as root), a lab for each file, one at a time.
export default defineConfig({
  test: {
    // Where machines are shared and slow a test may fail once for want of time; the summary names each that did.
    retry: Number(process.env.METALTASKS_RETRY ?? 0),
    globalSetup: 'test/support/installed.ts',
    reporters: ['default', './scripts/test-summary.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/lab/**', ...withoutSshd],
          // Vitest itself would keep one processor for nobody.
          maxWorkers: Math.max(2, availableParallelism() - 1),
          globalSetup: 'test/support/real-programs.ts',
          testTimeout: 30_000,
        },
      },
      ...(withoutLab ? [] : [lab]),
      {
        test: {
          name: 'real',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/support/control-plane.ts',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 1_800_000,
        },
      },
    ],
  },
})
