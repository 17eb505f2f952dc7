import type { Client } from '../client.js'
import { Finding } from '../finding.js'
import { keeperStateOf } from '../keeper-state.js'
import type { Machine } from '../machine.js'
import type { SimulatedServer } from '../simulated-server.js'

/** A connection that has not ended after this many rounds hangs. */
const ROUNDS_MAX = 5000
/** After this many rounds time passes, too. */
const QUIET_ROUNDS = 100
const SECOND_MS = 1000
/** The server waits no longer than this for clients to read their replies. */
const STOP_ROUNDS = 50

/** All clients close their connections, once their requests are answered. */
export async function hangUp(
  clients: readonly Client[],
  machine: Machine,
  server: SimulatedServer,
): Promise<void> {
  for (let rounds = 0; isAnyLeft(clients); rounds++) {
    if (rounds > ROUNDS_MAX) throw new Finding('a connection hangs')
    await machine.comeToRest(() => keeperStateOf(server.keeper).running !== undefined)
    // A request that waits for room may wait for the next second, in which a snapshot begins.
    if (rounds > QUIET_ROUNDS) machine.loop.advance(SECOND_MS)
  }
}

/** The server closes all connections, as it does before it stops. */
export async function endConnections(clients: readonly Client[], machine: Machine): Promise<void> {
  for (const { wired } of clients) wired?.stop()
  for (let rounds = 0; isAnyLeft(clients); rounds++) {
    if (rounds > STOP_ROUNDS) for (const { wired } of clients) wired?.giveUp()
    await machine.comeToRest(() => false)
  }
}

/** Each has its turn. */
function isAnyLeft(clients: readonly Client[]): boolean {
  let isLeft = false
  for (const { wired } of clients) if (wired?.finish() === true) isLeft = true
  return isLeft
}
