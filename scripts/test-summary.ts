import type { Reporter, TestModule } from 'vitest/node'

/** Names the tests that passed only when tried again, and ends a run with one line that any CI can read: "N passed, N failed, N skipped". */
export default class TestSummary implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandled: ReadonlyArray<unknown>): void {
    const count = { passed: 0, failed: unhandled.length, skipped: 0 }
    const again: string[] = []
    for (const module of modules) {
      let failedInside = 0
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (test.diagnostic()?.flaky)
          again.push(`passed when tried again: ${module.moduleId}: ${test.fullName}\n`)
        if (state === 'passed') count.passed++
        else if (state === 'skipped') count.skipped++
        else failedInside++
      }
      // A module that failed to load or to set up has no failed test of its own.
      count.failed += failedInside === 0 && module.state() === 'failed' ? 1 : failedInside
    }
    // After the default reporter's own summary, which is written on the same event.
    setImmediate(() =>
      process.stdout.write(
        `${again.join('')}${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`,
      ),
    )
  }
}
