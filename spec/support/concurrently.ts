/**
 * Specs that wait for the clock all start at once, before the first is checked, so that together they take as long as the
 * slowest.
 */
export function concurrently(specs: Readonly<Record<string, () => Promise<void>>>): void {
  const outcomes = new Map<string, Promise<unknown>>()
  before(() => {
    // Failures are kept as values until their spec asks.
    for (const [title, spec] of Object.entries(specs)) outcomes.set(title, spec().then(passed, failed))
  })
  for (const title of Object.keys(specs))
    it(title, async function () {
      this.slow(10_000)
      const failure = await outcomes.get(title)
      if (failure !== undefined) throw failure
    })
}

const passed = () => undefined
const failed = (error: unknown) => error
