import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/** Prints `N passed, N failed` as the very last line, for people and programs that read only that one. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: unhandled.length, skipped: 0 }
    for (const module of modules) {
      // A file that does not load has no tests, yet it failed
      counts.failed += module.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        // A test that never got to run in a finished run is no success
        counts[state === 'pending' ? 'failed' : state] += 1
      }
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length
    }
    const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`
    process.once('exit', () => {
      process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${skipped}\n`)
    })
  }
}
