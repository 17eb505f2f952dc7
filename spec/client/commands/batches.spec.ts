import { expect } from 'chai'
import { runEach } from '../../../lib/client/commands/batches.js'
import type { CommandParts } from '../../../lib/client/commands/command-settings.js'
import { PartialError } from '../../../lib/client/index.js'

const TIMEOUT_MS = 1000
/** One more than are sent at a time. */
const ENTRIES = Array.from({ length: 501 }, (_, index) => `k${index}`)

describe('a batch whose first part has taken', () => {
  const realNow = performance.now
  afterEach(() => {
    performance.now = realNow
  })

  /** Runs the entries while the clock shows one of these times after the other, and then the last of them. */
  async function runAt(...timesMs: number[]): Promise<{ timeouts: unknown[]; error: unknown }> {
    const timeouts: unknown[] = []
    const parts = { executor: { timeoutMs: TIMEOUT_MS }, settings: { keys: { encode() {} } } }
    performance.now = () => (timesMs.length > 1 ? timesMs.shift()! : timesMs[0]!)
    const error = await runEach(parts as unknown as CommandParts, undefined, {
      command: 'set',
      entries: ENTRIES,
      keyOf: (entry) => entry,
      run: async (_, options: { timeout?: number } | undefined) => timeouts.push(options?.timeout),
    }).catch((thrown: unknown) => thrown)
    return { timeouts, error }
  }

  it('nearly all of its time, sends the rest, whatever passes between two looks at the clock', async () => {
    const { timeouts, error } = await runAt(0, TIMEOUT_MS - 1, TIMEOUT_MS + 1)
    expect(error).equal(undefined)
    expect(timeouts).length(ENTRIES.length)
    expect(timeouts.at(-1)).equal(1)
  })

  it('all of its time, names the keys of the rest', async () => {
    const { timeouts, error } = await runAt(0, TIMEOUT_MS)
    expect(timeouts).length(ENTRIES.length - 1)
    expect(error).instanceof(PartialError)
    expect([...(error as PartialError).failed].map(([key, { code }]) => [key, code])).deep.equal([
      ['k500', 'TIMEOUT'],
    ])
  })
})
