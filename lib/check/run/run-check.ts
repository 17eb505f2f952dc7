import { setTimeout as delay } from 'node:timers/promises'
import type { Check } from '../check-row.js'
import { BinaryClient } from '../client/binary-client.js'
import type { Connection, Endpoint } from '../client/connection.js'
import { TextClient } from '../client/text-client.js'
import { BinaryPlayer } from './binary-player.js'
import type { BinaryStep } from './binary-steps.js'
import { CasNames } from './cas-names.js'
import type { Keys } from './keys.js'
import { LinePlayer, META_FENCE, TEXT_FENCE } from './line-player.js'
import { parseScript } from './line-script.js'
import { Placeholders } from './placeholders.js'
import type { ServerFacts } from './server-facts.js'

/** What the checks of a run share. */
export interface Stage {
  readonly endpoint: Endpoint
  readonly keys: Keys
  readonly facts: ServerFacts
  /** Aborted if the run has to end early. */
  readonly ending: AbortSignal
}

/** Runs a check over its own connections. Throws a CheckFailure at the first unexpected reply. */
export async function playCheck(check: Check, stage: Stage): Promise<void> {
  const connections: Connection[] = []
  try {
    if (typeof check.steps === 'string') await playScript(check, check.steps, stage, connections)
    else await playFrames(check, check.steps, stage, connections)
  } finally {
    for (const connection of connections) connection.close()
  }
}

/** Whether it waits for the clock: such checks start together. */
export const waits = ({ steps }: Check): boolean =>
  typeof steps === 'string' ? /^\s*\. wait/m.test(steps) : steps.some(({ kind }) => kind === 'wait')

async function playFrames(
  { name }: Check,
  steps: readonly BinaryStep[],
  { endpoint, keys, facts, ending }: Stage,
  connections: Connection[],
): Promise<void> {
  const { connection } = await BinaryClient.open(endpoint)
  connections.push(connection)
  const player = new BinaryPlayer(connection, name, keys, new CasNames(), facts)
  for (const step of steps) {
    if (step.kind === 'wait') await sleep(step.seconds, ending)
    else await player.play(step)
  }
}

async function playScript(
  { name, protocol }: Check,
  script: string,
  { endpoint, keys, facts, ending }: Stage,
  connections: Connection[],
): Promise<void> {
  const placeholders = new Placeholders(name, keys, new CasNames(), facts)
  const fence = protocol === 'meta' ? META_FENCE : TEXT_FENCE
  const players = new Map<number, LinePlayer>()
  for (const step of parseScript(script)) {
    if (step.kind === 'wait') {
      await sleep(step.seconds, ending)
      continue
    }
    if (!players.has(step.connection)) {
      const { connection } = await TextClient.open(endpoint)
      connections.push(connection)
      players.set(step.connection, new LinePlayer(connection, placeholders, fence))
    }
    await players.get(step.connection)!.play(step)
  }
}

const sleep = (seconds: number, signal: AbortSignal): Promise<void> =>
  delay(seconds * 1000, undefined, { signal })
