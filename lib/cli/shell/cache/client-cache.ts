import type { Call } from '../../../client/calls/call.js'
import { ChangeCall } from '../../../client/calls/change-call.js'
import type { Client } from '../../../client/client.js'
import { executed } from '../../../client/commands/executor.js'
import { Command } from '../../../request/command.js'
import { RELATIVE_EXPIRY_MAX_SECONDS } from '../../../request/limits.js'
import { Refusal } from '../../arguments/refusal.js'
import { ExitCode } from '../../exit-codes.js'
import type { Cache, Item, StoreMode, StoreTerms } from './cache.js'
import { GroupCall, type Statistic } from './group-call.js'
import type { ShellProtocol } from './open-client.js'
import type { RawValue } from './raw-format.js'

const STORE_COMMANDS: Readonly<Record<StoreMode, Command>> = {
  set: Command.SET,
  add: Command.ADD,
  replace: Command.REPLACE,
  append: Command.APPEND,
  prepend: Command.PREPEND,
}

/** A server, for the shell commands, by the client of this package. */
export class ClientCache implements Cache {
  private readonly client: Client
  private readonly protocol: ShellProtocol

  constructor(client: Client, protocol: ShellProtocol) {
    this.client = client
    this.protocol = protocol
  }

  async version(): Promise<string> {
    const [version] = (await this.client.version()).values()
    return version!
  }

  async get(key: string): Promise<Item | undefined> {
    const item = await this.client.gets<RawValue>(key)
    return item && { value: item.value.bytes, flags: item.value.flags, cas: item.cas }
  }

  store(mode: StoreMode, key: string, value: Buffer, { flags, expiry, cas }: StoreTerms): Promise<boolean> {
    if (this.protocol === 'text' && cas !== 0n && mode !== 'set')
      throw new Refusal(ExitCode.USAGE, `--cas: the text protocol has no ${mode} with a cas`)
    const call = new ChangeCall()
    call.value = value
    call.clientFlags = flags
    call.cas = cas
    return this.client.run(mode, STORE_COMMANDS[mode], key, call, undefined, ttlOf(expiry))
  }

  remove(key: string): Promise<boolean> {
    return this.client.delete(key)
  }

  /** The text protocol creates no counters: a missing one is added, unless another client was faster. */
  async count(
    key: string,
    delta: bigint,
    initial: bigint | undefined,
    expiry: number,
  ): Promise<bigint | undefined> {
    const isText = this.protocol === 'text'
    const options = isText || initial === undefined ? {} : { initial, ttl: ttlOf(expiry) }
    const count = () =>
      delta < 0n ? this.client.decrement(key, -delta, options) : this.client.increment(key, delta, options)
    const number = await count()
    if (number !== undefined || initial === undefined || !isText) return number
    const value: RawValue = { bytes: Buffer.from(`${initial}`), flags: 0 }
    if (await this.client.add(key, value, { ttl: ttlOf(expiry) })) return initial
    return count()
  }

  touch(key: string, expiry: number): Promise<boolean> {
    return this.client.touch(key, ttlOf(expiry))
  }

  statistics(group: string): Promise<Statistic[] | undefined> {
    return this.ask(new GroupCall(group))
  }

  flush(delay: number): Promise<void> {
    return this.client.flush(delay)
  }

  flushPrefix(prefix: string): Promise<void> {
    return this.client.flushPrefix(prefix)
  }

  close(): Promise<void> {
    return this.client.close()
  }

  private ask<Result>(call: Call<Result>): Promise<Result> {
    const [server] = this.client.executor.targets()
    return executed(server!, call, undefined)
  }
}

/** From an expiry as the protocol has it: a negative one is over, one beyond 30 days is an absolute time. */
function ttlOf(expiry: number): number | Date {
  if (expiry < 0) return new Date(0)
  return expiry <= RELATIVE_EXPIRY_MAX_SECONDS ? expiry : new Date(expiry * 1000)
}
