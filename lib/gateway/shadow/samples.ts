import { createHash } from 'node:crypto'
import type { Change } from '../../feed/change.js'
import { Counter, type Counters } from '../../metrics/counters.js'
import { casOf, clientFlagsOf, isItem, valueIn } from '../items/item-format.js'
import type { EngineItem } from './mirror-target.js'

/** Where the items are read that are compared. */
export interface SampleTarget {
  read(key: Buffer): Promise<EngineItem>
}

/** What the engine must have under a key. */
interface Sample {
  readonly key: Buffer
  item: SampledItem | undefined
  /** Its changes that are on their way. */
  underWayCount: number
  /** Rises with each change. */
  version: number
}

interface SampledItem {
  readonly flags: number
  readonly cas: bigint
  readonly digest: string
  /** By the steady clock; undefined: never. */
  readonly expiresMs: number | undefined
}

/** The change of a sampled key is on its way until it is settled. */
export interface SampledChange {
  settle(): void
}

/**
 * A sample of the keys that the mirror has sent, with what the engine must return for each. They are read from the engine, one
 * after the other, and compared. The feed tells what the store has: so nothing is asked of the store, and nothing is added
 * to the path of clients' requests.
 */
export class Samples {
  private readonly counters: Pick<Counters, 'count'>
  private readonly samples = new Map<string, Sample>()
  private timer: NodeJS.Timeout | undefined = undefined
  private isReading = false

  constructor(counters: Pick<Counters, 'count'>) {
    this.counters = counters
  }

  /** Compares from now on. */
  start(target: SampleTarget): void {
    this.timer = setInterval(() => void this.compareNext(target), COMPARE_MS).unref()
  }

  close(): void {
    clearInterval(this.timer)
  }

  /** Undefined if the key is not in the sample. */
  begin(change: Change, expiresMs: number | undefined): SampledChange | undefined {
    const { kind, keyBytes, prefix, prefixBytes } = change
    if (kind === 'gap') return undefined
    if (kind === 'flush' || kind === 'flush_prefix')
      return this.beginFlush(prefixBytes ?? Buffer.from(prefix ?? ''))
    const sample = this.sampleOf(keyBytes!)
    if (sample === undefined) return undefined
    sample.underWayCount++
    sample.version++
    return {
      settle() {
        sample.underWayCount--
        sample.item = itemAfter(change, sample.item, expiresMs)
      },
    }
  }

  /** Changes were lost: what the engine must have is not known until it is listed. */
  clear(): void {
    this.samples.clear()
  }

  private beginFlush(prefix: Buffer): SampledChange {
    const flushed = [...this.samples.values()].filter(({ key }) =>
      key.subarray(0, prefix.length).equals(prefix),
    )
    for (const sample of flushed) {
      sample.underWayCount++
      sample.version++
    }
    return {
      settle() {
        for (const sample of flushed) {
          sample.underWayCount--
          sample.item = undefined
        }
      },
    }
  }

  /** All keys while there is room; then one in so many takes the place of the oldest. */
  private sampleOf(key: Buffer): Sample | undefined {
    const name = key.toString('latin1')
    const known = this.samples.get(name)
    if (known !== undefined) return known
    if (this.samples.size >= COUNT_MAX) {
      if (Math.random() > REPLACED_SHARE) return undefined
      const [oldest] = this.samples.keys()
      this.samples.delete(oldest!)
    }
    const sample = { key, item: undefined, underWayCount: 0, version: 0 }
    this.samples.set(name, sample)
    return sample
  }

  private async compareNext(target: SampleTarget): Promise<void> {
    const [name, sample] = this.samples.entries().next().value ?? []
    if (this.isReading || name === undefined || sample === undefined) return
    // The others are compared before it is again.
    this.samples.delete(name)
    this.samples.set(name, sample)
    const { version } = sample
    if (sample.underWayCount > 0) return
    this.isReading = true
    const found = await target.read(sample.key).catch(() => undefined)
    this.isReading = false
    // It has changed meanwhile, or the engine has failed.
    if (found === undefined || sample.version !== version) return
    const isSame = isAs(sample.item, found)
    if (isSame === undefined) return
    this.counters.count(Counter.gateway_shadow_compared)
    if (!isSame) this.counters.count(Counter.gateway_shadow_differences)
  }
}

function itemAfter(
  { kind, value, flags, cas }: Change,
  before: SampledItem | undefined,
  expiresMs: number | undefined,
): SampledItem | undefined {
  if (kind === 'item' || kind === 'set')
    return { flags: flags!, cas: cas!, digest: digestOf(value!), expiresMs }
  return kind === 'touch' && before !== undefined ? { ...before, expiresMs } : undefined
}

/** Undefined if it cannot be said: the item expires about now. */
function isAs(wanted: SampledItem | undefined, { bytes, leftMs }: EngineItem): boolean | undefined {
  if (wanted === undefined) return bytes === undefined
  const { expiresMs } = wanted
  const left = expiresMs === undefined ? undefined : expiresMs - performance.now()
  if (left !== undefined && left < TOLERANCE_MS) return left > -TOLERANCE_MS ? undefined : bytes === undefined
  if (bytes === undefined || !isItem(bytes)) return false
  const isSameExpiry = left === undefined ? leftMs < 0 : Math.abs(left - leftMs) < TOLERANCE_MS
  const isSameCas = casOf(bytes) === wanted.cas
  const isSameFlags = clientFlagsOf(bytes) === (wanted.flags | 0)
  return isSameExpiry && isSameCas && isSameFlags && digestOf(valueIn(bytes)) === wanted.digest
}

const digestOf = (value: Buffer): string => createHash('sha1').update(value).digest('base64')

const COUNT_MAX = 1024
const REPLACED_SHARE = 1 / 64
/** 50 in a second. */
const COMPARE_MS = 20
const TOLERANCE_MS = 3000
