import type { CopiedItem } from './copied-item.js'
import { KeyError, type Over, type Source, type Target } from './source-and-target.js'

/** What became of a key: copied; TO has an item of its own; FROM has none any more; FROM has it marked as out of date. */
export type Outcome = 'copied' | 'kept' | 'gone' | 'stale'

export interface CopyRule {
  /** Items of TO are overwritten. */
  readonly replaces: boolean
  /** Nothing is written. */
  readonly isDry: boolean
}

/**
 * Copies one item. No change that a client makes meanwhile is undone:
 *
 *     TO is looked at ─▶ FROM is read ─▶ TO is written, if it still has what was seen ─▶ FROM has still this cas: copied
 *                            ▲                                                                  │
 *                            └────────────────── another cas: over what was written ────────────┘
 */
export async function copyItem(
  key: Buffer,
  from: Source,
  to: Target,
  rule: CopyRule,
): Promise<{ outcome: Outcome; length: number }> {
  let over: Over = 'none'
  if (rule.replaces || rule.isDry) {
    const found = await to.read(key, 'cas')
    if (found !== undefined && !rule.replaces) return ended('kept')
    over = overFound(found)
  }
  let written: bigint | undefined
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const item = await from.read(key, rule.isDry ? 'cas' : 'item')
    if (item === undefined || item.isStale) return withdrawn(item === undefined ? 'gone' : 'stale')
    if (rule.isDry) return ended('copied')
    const stored = await to.store(key, item, over)
    if (stored === 'kept') return ended('kept')
    if (stored === 'expired') return withdrawn('gone')
    written = stored
    over = stored
    const now = await from.read(key, 'cas')
    if (now?.cas === item.cas) return { outcome: 'copied', length: item.value.length }
  }
  throw new KeyError('it changes too often to be copied')

  /** What was copied before FROM lost it must not outlive it in TO. */
  async function withdrawn(outcome: Outcome): Promise<{ outcome: Outcome; length: number }> {
    if (written !== undefined) await to.remove(key, written)
    return ended(outcome)
  }
}

const ended = (outcome: Outcome) => ({ outcome, length: 0 })

/** A server without cas (-C) has 0 for all: then the store cannot depend on it. */
function overFound(found: CopiedItem | undefined): Over {
  if (found === undefined) return 'none'
  return found.cas === 0n ? 'any' : found.cas
}

/** An item that changes in each of so many round trips is a counter under load. */
const ATTEMPTS_MAX = 20
