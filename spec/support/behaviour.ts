import { expect } from 'chai'
import { binary, type Driver, quietBinary } from './binary-driver.js'
import { meta, quietMeta } from './meta-driver.js'
import type { Step } from './operations.js'
import { useServer } from './server.js'
import { quietText, text } from './text-driver.js'
import { type Exchange, specify } from './transcript.js'

/** Every protocol in which a behaviour is specified. */
const DRIVERS: readonly Driver[] = [binary, quietBinary, text, quietText, meta, quietMeta]

/** One behaviour in one protocol. */
export interface Behaviour {
  readonly title: string
  readonly driver: Driver
  readonly exchanges: readonly Exchange[]
}

/** Every behaviour, whichever suite runs it: see `loadBehaviours`. */
export const BEHAVIOURS: Behaviour[] = []

/**
 * Starts a server for the suite. The returned function specifies a behaviour as a list of steps, and runs them in every
 * protocol that has words for them all. How many of the suite's behaviours those are is counted: otherwise a protocol
 * could drop out with its specs unnoticed.
 */
export function useBehaviour(expected: PlayCounts): (title: string, steps: readonly Step[]) => void {
  const server = useServer()
  const counts = Object.fromEntries(DRIVERS.map(({ name }) => [name, 0]))
  it('is specified for each protocol as often as expected', () =>
    expect(counts).to.deep.equal(typeof expected === 'object' ? expected : evenCounts(expected)))
  return (title, steps) => {
    for (const driver of DRIVERS) {
      const exchanges = exchangesOf(driver, steps)
      if (exchanges === undefined) continue
      counts[driver.name]!++
      BEHAVIOURS.push({ title, driver, exchanges })
      specify(`${title} (${driver.name})`, server, driver, exchanges)
    }
  }
}

/** How many behaviours of a suite each protocol has words for: one number for all, or one for each. */
type PlayCounts = number | Readonly<Record<DriverName, number>>

type DriverName = 'binary' | 'binary, quietly' | 'text' | 'text, without replies' | 'meta' | 'meta, quietly'

const evenCounts = (count: number): PlayCounts => ({
  binary: count,
  'binary, quietly': count,
  text: count,
  'text, without replies': count,
  meta: count,
  'meta, quietly': count,
})

function exchangesOf(driver: Driver, steps: readonly Step[]): Exchange[] | undefined {
  const exchanges: Exchange[] = []
  for (const [index, [operation, outcome]] of steps.entries()) {
    const exchange = driver.exchange(operation, outcome, index)
    if (exchange === undefined) return undefined
    exchanges.push(exchange)
  }
  return areNamesTold(exchanges) ? exchanges : undefined
}

/** Whether each cas that a request names was in a reply before: a quiet store does not return it. */
function areNamesTold(exchanges: readonly Exchange[]): boolean {
  const told = new Set<string | undefined>([undefined])
  return exchanges.every(({ request, replies }) => {
    const isTold = told.has(request.casName)
    for (const reply of replies) told.add(reply.casName)
    return isTold
  })
}
