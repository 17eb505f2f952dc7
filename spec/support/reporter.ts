import Mocha from 'mocha'

/** Mocha's Spec reporter, and as the last line of the run the sums that scripts read: `12 passed, 0 failed, 1 skipped`. */
class SummaryReporter extends Mocha.reporters.Spec {
  override epilogue(): void {
    super.epilogue()
    const { passes, failures, pending } = this.stats
    const skipped = pending > 0 ? `, ${pending} skipped` : ''
    Mocha.reporters.Base.consoleLog(`${passes} passed, ${failures} failed${skipped}`)
  }
}

// Mocha requires its reporter, and this is the name under which Node hands a module's class to `require`.
export { SummaryReporter as 'module.exports' }
