import { Command } from '../../request/command.js'
import { Status } from '../../request/status.js'

/** The commands whose latency is shown. All that are not about items are one. */
export const LATENCY_COMMANDS = [
  'get',
  'gat',
  'touch',
  'set',
  'add',
  'replace',
  'append',
  'prepend',
  'delete',
  'incr',
  'decr',
  'flush',
  'other',
] as const

/** `exists`: there is an item, or it has another cas. `error`: refused, or failed. */
export const LATENCY_OUTCOMES = ['hit', 'miss', 'exists', 'error'] as const

type LatencyCommand = (typeof LATENCY_COMMANDS)[number]
type LatencyOutcome = (typeof LATENCY_OUTCOMES)[number]

/** One for each command and outcome. */
export const SERIES_COUNT = LATENCY_COMMANDS.length * LATENCY_OUTCOMES.length

export const commandOfSeries = (series: number): LatencyCommand =>
  LATENCY_COMMANDS[Math.floor(series / LATENCY_OUTCOMES.length)]!

export const outcomeOfSeries = (series: number): LatencyOutcome =>
  LATENCY_OUTCOMES[series % LATENCY_OUTCOMES.length]!

const COMMANDS: Readonly<Partial<Record<Command, LatencyCommand>>> = {
  [Command.GET]: 'get',
  [Command.META_GET]: 'get',
  [Command.GET_AND_TOUCH]: 'gat',
  [Command.TOUCH]: 'touch',
  [Command.SET]: 'set',
  [Command.ADD]: 'add',
  [Command.REPLACE]: 'replace',
  [Command.APPEND]: 'append',
  [Command.PREPEND]: 'prepend',
  [Command.DELETE]: 'delete',
  [Command.INCREMENT]: 'incr',
  [Command.DECREMENT]: 'decr',
  [Command.FLUSH]: 'flush',
}

const OUTCOMES: Readonly<Partial<Record<Status, LatencyOutcome>>> = {
  [Status.OK]: 'hit',
  [Status.CONTINUE]: 'hit',
  [Status.NOT_FOUND]: 'miss',
  // An append without an item.
  [Status.NOT_STORED]: 'miss',
  [Status.EXISTS]: 'exists',
}

/** `table[command << STATUS_BITS | status]` is the series of a request. */
export function seriesTable(): Uint8Array {
  const table = new Uint8Array((Math.max(...Object.values(Command)) + 1) << STATUS_BITS)
  for (const command of Object.values(Command))
    for (const status of Object.values(Status))
      table[(command << STATUS_BITS) | status] =
        LATENCY_COMMANDS.indexOf(COMMANDS[command] ?? 'other') * LATENCY_OUTCOMES.length +
        LATENCY_OUTCOMES.indexOf(OUTCOMES[status] ?? 'error')
  return table
}

export const STATUS_BITS = 4
