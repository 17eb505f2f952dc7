import Mocha from 'mocha'

const { Base, Dot, Spec } = Mocha.reporters

/**
 * A dot for each spec, or with the option `list` its title; then the failures; and as the last line of the run the
 * totals that scripts read: `12 passed, 0 failed, 1 skipped`.
 */
class SummaryReporter extends Base {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options)
    const isList = (options.reporterOptions as { list?: unknown } | undefined)?.list !== undefined
    // It prints the failures at the end, before this reporter does.
    ;new (isList ? Spec : Dot)(runner, options)
    runner.once('end', () => this.sum())
  }

  private sum(): void {
    const { passes, failures, pending } = this.stats
    const skipped = pending > 0 ? `, ${pending} skipped` : ''
    Base.consoleLog(`${passes} passed, ${failures} failed${skipped}`)
  }
}

// Mocha requires its reporter, and this is the name under which Node hands a module's class to `require`.
export { SummaryReporter as 'module.exports' }
