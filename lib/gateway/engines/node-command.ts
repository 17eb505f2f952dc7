import type { CommandListener, EngineConnection, Words } from './engine-connection.js'

/** What a command does to the engine. */
export const Effect = {
  /** It changes nothing. */
  READ: 0,
  /** It may change something, and may be repeated although it may have been run. */
  REPEATABLE: 1,
  /** It may change something, and must not be run twice. */
  ONCE: 2,
} as const
export type Effect = (typeof Effect)[keyof typeof Effect]

/** A command for one node, and the receiver of its outcome. */
export interface NodeCommand extends CommandListener {
  readonly words: Words
  readonly effect: Effect
  /** Its slot is on its way to the node, which runs it only if it is asked to. */
  readonly isAsking: boolean
  readonly sentMs: number
  readonly deadlineMs: number
}

/** The listener is not always the command itself. */
export function sendOver(
  connection: EngineConnection,
  { words, isAsking }: NodeCommand,
  listener: CommandListener,
): void {
  if (isAsking) connection.send(ASKING, IGNORED)
  connection.send(words, listener)
}

const ASKING: Words = ['asking']
const IGNORED: CommandListener = { replied: () => undefined, failed: () => undefined }
