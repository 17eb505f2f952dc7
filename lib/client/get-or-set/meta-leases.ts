import { Command } from '../../request/command.js'
import type { Key } from '../commands/command-options.js'
import type { Commands } from '../commands/commands.js'
import type { Terms } from './get-or-set-options.js'
import { LeaseCall } from './lease-call.js'
import type { Lease, Leases } from './leases.js'
import type { LockLeases } from './lock-leases.js'

/**
 * Leases of the meta protocol: the empty item, or the mark at an old one, is the lock. What was loaded is stored over just
 * this item (`C`): if it was deleted or replaced meanwhile, the deletion or the other value stands.
 */
export class MetaLeases implements Leases {
  private readonly commands: Commands
  /** For servers that do not know meta commands. */
  private readonly locks: LockLeases
  private readonly lockedLeases = new WeakSet<Lease>()

  constructor(commands: Commands, locks: LockLeases) {
    this.commands = commands
    this.locks = locks
  }

  async take(key: Key, terms: Terms): Promise<Lease> {
    const call = new LeaseCall(this.commands.settings.format, terms)
    const lease = await this.commands.run('getOrSet', Command.META_GET, key, call, terms.requestOptions)
    if (lease !== undefined) return lease
    const locked = await this.locks.take(key, terms)
    this.lockedLeases.add(locked)
    return locked
  }

  async store(key: Key, value: unknown, lease: Lease, terms: Terms): Promise<void> {
    if (this.lockedLeases.has(lease)) await this.locks.store(key, value, lease, terms)
    else await this.replace(key, value, lease.cas, terms.totalSeconds, terms)
  }

  /** An old value is stored again, which takes the mark away. */
  async free(key: Key, lease: Lease, terms: Terms): Promise<void> {
    const { value, cas, secondsLeft } = lease
    if (this.lockedLeases.has(lease)) await this.locks.free(key, lease)
    else if (value === undefined) await this.replace(key, '', cas, AT_ONCE, terms)
    else await this.replace(key, value, cas, secondsLeft, terms)
  }

  private replace(
    key: Key,
    value: unknown,
    cas: bigint,
    ttl: number | Date,
    { requestOptions }: Terms,
  ): Promise<unknown> {
    const options = { ...requestOptions, ttl }
    // 0n: the server has no cas (-C).
    return cas === 0n ? this.commands.set(key, value, options) : this.commands.cas(key, value, cas, options)
  }
}

/** Every protocol can store over a cas, but text cannot delete by one. */
const AT_ONCE = new Date(0)
