import { type CopiedItem, NEVER } from './copied-item.js'
import type { Source } from './source-and-target.js'

/** How the item of TO differs from that of FROM. */
export type Difference = 'missing' | 'value' | 'flags' | 'ttl'

/** `gone`: FROM has no such item any more, or it is marked as out of date. */
export type Comparison = Difference | 'same' | 'gone'

/** Compares one item. One that changes in FROM while it is compared is compared again. */
export async function compareItem(
  key: Buffer,
  from: Source,
  to: Source,
  toleranceSeconds: number,
): Promise<Comparison> {
  let difference: Difference = 'value'
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const wanted = await from.read(key, 'item')
    if (wanted === undefined || wanted.isStale) return 'gone'
    const found = await to.read(key, 'item')
    const comparison = comparisonOf(wanted, found, toleranceSeconds)
    if (comparison === 'same') return comparison
    difference = comparison
    const now = await from.read(key, 'cas')
    if (now === undefined) return 'gone'
    if (now.cas === wanted.cas) return difference
  }
  return difference
}

function comparisonOf(
  wanted: CopiedItem,
  found: CopiedItem | undefined,
  toleranceSeconds: number,
): Difference | 'same' {
  if (found === undefined) return 'missing'
  if (!found.value.equals(wanted.value)) return 'value'
  if (found.flags !== wanted.flags) return 'flags'
  return isSameTtl(wanted, found, toleranceSeconds) ? 'same' : 'ttl'
}

function isSameTtl(wanted: CopiedItem, found: CopiedItem, toleranceSeconds: number): boolean {
  // The binary protocol does not tell it.
  if (wanted.ttl === undefined || found.ttl === undefined) return true
  if (wanted.ttl === NEVER || found.ttl === NEVER) return wanted.ttl === found.ttl
  // Each was read at some time since it was asked for.
  const readSeconds = (performance.now() - wanted.askedMs) / 1000
  return Math.abs(wanted.ttl - found.ttl) <= toleranceSeconds + readSeconds
}

const ATTEMPTS_MAX = 5
