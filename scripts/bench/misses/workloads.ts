import { hotAndSingleKeys, loopKeys, zipfKeys } from '../../../spec/support/key-sequences.js'
import { Random } from '../../../spec/support/random.js'
import type { CacheRequest } from './cache-request.js'
import { fixed, logNormal, logUniform, type ValueLengths } from './value-lengths.js'

export interface Workload {
  readonly name: string
  readonly requests: Iterable<CacheRequest>
}

const SEED = 1
const REQUEST_COUNT = 1_200_000

type Keys = (random: Random) => Iterable<string>

/** The requests to the caches, each for 64 MB. */
export const WORKLOADS: readonly Workload[] = [
  row('zipf 0.9 with scans', fixed(300), (random) =>
    zipfKeys(random, {
      keyCount: 1_000_000,
      exponent: 0.9,
      requestCount: REQUEST_COUNT,
      scans: { everyRequests: 25_000, length: 5_000 },
    }),
  ),
  row('zipf 1.2, drifting', logNormal(300, 1), (random) =>
    zipfKeys(random, {
      keyCount: 1_000_000,
      exponent: 1.2,
      requestCount: REQUEST_COUNT,
      drift: { everyRequests: 50_000, keyCount: 10_000 },
    }),
  ),
  row('zipf 1.0, log-normal sizes', logNormal(250, 1.2), (random) =>
    zipfKeys(random, { keyCount: 1_000_000, exponent: 1, requestCount: REQUEST_COUNT }),
  ),
  row('loop, a tenth too long', fixed(1_000), () => loopKeys(65_000, REQUEST_COUNT / 2)),
  row('hot set, half requested once', fixed(400), (random) =>
    hotAndSingleKeys(random, { hotKeyCount: 90_000, singleShare: 0.5, requestCount: REQUEST_COUNT }),
  ),
  row('zipf 0.8, 100 B to 20 KB', logUniform(100, 20_000), (random) =>
    zipfKeys(random, { keyCount: 60_000, exponent: 0.8, requestCount: REQUEST_COUNT / 2 }),
  ),
]

function row(name: string, valueLengthOf: ValueLengths, keys: Keys): Workload {
  return { name, requests: { [Symbol.iterator]: () => gets(keys(new Random(SEED)), valueLengthOf) } }
}

function* gets(keys: Iterable<string>, valueLengthOf: ValueLengths): Generator<CacheRequest> {
  for (const key of keys) yield { operation: 'get', key, valueLength: valueLengthOf(key) }
}
