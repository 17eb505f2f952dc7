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

/** What else there is to know of a check. */
export interface Terms {
  /** The version in which the rule is known to hold, and what older ones do that do not keep it yet. */
  readonly since?: readonly [version: string, why: string]
  /** Servers that answer otherwise on purpose, and why. */
  readonly differs?: readonly [software: Software, why: string]
  /** It forgets items, resets statistics or changes settings: only when that is asked for. */
  readonly isDestructive?: boolean
  /** Why the check says nothing about such a server; undefined when it does. */
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
