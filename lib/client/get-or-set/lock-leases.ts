import type { Key } from '../commands/command-options.js'
import type { Commands } from '../commands/commands.js'
import type { Terms } from './get-or-set-options.js'
import { type Lease, type Leases, leaseEndMs } from './leases.js'

/**
 * Leases without meta commands. Two more items stand beside the one of the key:
 *
 *     key          the value
 *     key:lock     somebody loads the value; whoever adds it does
 *     key:fresh    the value need not be loaded anew yet; only with `staleFor` or `refreshBefore`
 */
export class LockLeases implements Leases {
  private readonly commands: Commands

  constructor(commands: Commands) {
    this.commands = commands
  }

  async take(key: Key, terms: Terms): Promise<Lease> {
    const first = await this.look(key, terms)
    if (first.state === 'fresh') return first
    const startMs = performance.now()
    const options = { ...terms.requestOptions, ttl: terms.lockSeconds }
    if (!(await this.commands.add(lockOf(key), 1, options))) return first
    // Another caller may have stored it between the two requests.
    const second = await this.look(key, terms)
    const lease = { ...second, endMs: leaseEndMs(startMs, terms) }
    if (second.state !== 'fresh') return { ...lease, state: 'ours' }
    await this.free(key, lease)
    return second
  }

  async store(key: Key, value: unknown, lease: Lease, terms: Terms): Promise<void> {
    const { totalSeconds, freshSeconds, windowSeconds, requestOptions } = terms
    const options = { ...requestOptions, ttl: totalSeconds }
    if (lease.value === undefined) await this.commands.add(key, value, options)
    else if (lease.cas === 0n) await this.commands.set(key, value, options)
    else await this.commands.cas(key, value, lease.cas, options)
    if (windowSeconds > 0) {
      // Of a lifetime that is all window, one second is left.
      const ttl = Math.max(1, Math.min(freshSeconds, totalSeconds - windowSeconds))
      await this.commands.set(freshOf(key), 1, { ...requestOptions, ttl })
    }
    await this.free(key, lease)
  }

  /** A lock that may have expired can be another caller's by now. */
  async free(key: Key, lease: Lease): Promise<void> {
    if (performance.now() < lease.endMs) await this.commands.delete(lockOf(key))
  }

  private async look(key: Key, { windowSeconds, requestOptions }: Terms): Promise<Lease> {
    const [item, isFresh] = await Promise.all([
      this.commands.gets(key, requestOptions),
      windowSeconds === 0 || this.commands.get(freshOf(key), requestOptions),
    ])
    const state = item !== undefined && isFresh !== undefined ? 'fresh' : 'others'
    return { state, value: item?.value, cas: item?.cas ?? 0n, secondsLeft: 0, endMs: 0 }
  }
}

const lockOf = (key: Key): Key => withSuffix(key, ':lock')
const freshOf = (key: Key): Key => withSuffix(key, ':fresh')

const withSuffix = (key: Key, suffix: string): Key =>
  typeof key === 'string' ? key + suffix : Buffer.concat([key, Buffer.from(suffix)])
