import type { BinaryStep } from './run/binary-steps.js'
import type { ServerFacts, Software } from './run/server-facts.js'

/** The protocols that are checked. */
export type CheckedProtocol = 'binary' | 'text' | 'meta'

/** One rule, and the exchange that shows whether a server keeps it. */
export interface Check {
  /** Protocol, topic and a name within it, such as `binary.get.miss-of-getk`. */
  readonly name: string
  readonly protocol: CheckedProtocol
  /** The rule, as a sentence. */
  readonly rule: string
  /** Frames, or the lines of a transcript (run/line-script.ts). */
  readonly steps: readonly BinaryStep[] | string
  readonly terms: Terms
}

/** Conditions and known differences of a check. */
export interface Terms {
  /** The version from which on the rule holds, and what older versions do. */
  readonly since?: readonly [version: string, why: string]
  /** Servers that differ on purpose, and why. */
  readonly differs?: readonly [software: Software, why: string]
  /** It flushes items, resets statistics or changes settings: runs only on request. */
  readonly isDestructive?: boolean
  /** Why the check does not apply to such a server; undefined if it does. */
  readonly skipReason?: (facts: ServerFacts) => string | undefined
}

/** Makes the rows of a topic: `rowsOf('binary.get')('miss', 'A miss …', [...])`. */
export function rowsOf(
  topic: string,
): (name: string, rule: string, steps: Check['steps'], terms?: Terms) => Check {
  const protocol = topic.split('.')[0] as CheckedProtocol
  return (name, rule, steps, terms = {}) => ({ name: `${topic}.${name}`, protocol, rule, steps, terms })
}

export const topicOf = ({ name }: Check): string => name.split('.').slice(0, 2).join('.')
