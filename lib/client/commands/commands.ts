import { Command } from '../../request/command.js'
import type { Call } from '../calls/call.js'
import { CasCall, type CasOutcome, ChangeCall } from '../calls/change-call.js'
import { CounterCall } from '../calls/counter-call.js'
import { DoneCall, TextCall } from '../calls/done-call.js'
import { GetCall, GetsCall, type Versioned } from '../calls/get-call.js'
import { MetaCall, type MetaReply } from '../calls/meta-call.js'
import { SpareCalls } from '../calls/spare-calls.js'
import { StatisticsCall } from '../calls/statistics-call.js'
import { EncodedKey } from '../keys/key-encoder.js'
import { delayOf, expiryOf, type Ttl } from '../ttl.js'
import { encodeValue } from '../values/encode-value.js'
import { EncodedValue } from '../values/value-format.js'
import { badNumber, bytesOf, checkGroup, isUnsigned, listOfKeys, pairsOf, unsigned } from './arguments.js'
import { getMany, runEach } from './batches.js'
import {
  type CountOptions,
  checkCommandOptions,
  type Entries,
  type Key,
  type MetaOptions,
  type Storable,
  type StoreOptions,
} from './command-options.js'
import type { CommandParts, CommandSettings } from './command-settings.js'
import { type CallOptions, type Executor, executed, type Target } from './executor.js'
import { runOnAll } from './run-on-all.js'
import { whenReady } from './time-left.js'
import { isTraced, traced } from './tracing.js'

/**
 * The commands of memcached, over anything that executes calls. A miss is a value. What goes wrong rejects the promise with
 * an error that has a `code`.
 */
export class Commands implements CommandParts {
  readonly executor: Executor
  readonly settings: CommandSettings
  private readonly spareGets = new SpareCalls<GetCall<unknown>>()
  private readonly spareChanges = new SpareCalls<ChangeCall>()

  constructor(executor: Executor, settings: CommandSettings) {
    this.executor = executor
    this.settings = settings
  }

  /** The value, or undefined if there is no such item. */
  get<Value = unknown>(key: Key, options?: CallOptions): Promise<Value | undefined> {
    return this.run('get', Command.GET, key, this.newGet<Value>(), options)
  }

  /** The value with its cas, for `cas`. */
  gets<Value = unknown>(key: Key, options?: CallOptions): Promise<Versioned<Value> | undefined> {
    return this.run('gets', Command.GET, key, new GetsCall<Value>(this.settings.format), options)
  }

  /** The value; the item lives for `ttl` from now on. */
  getAndTouch<Value = unknown>(key: Key, ttl: Ttl, options?: CallOptions): Promise<Value | undefined> {
    return this.run('getAndTouch', Command.GET_AND_TOUCH, key, this.newGet<Value>(), options, ttl)
  }

  /** The values that there are, by their keys. If a server fails, the error (`PARTIAL`) has what arrived. */
  getMany<Value = unknown>(keys: Iterable<string>, options?: CallOptions): Promise<Map<string, Value>>
  getMany<Value = unknown, K extends Key = Key>(
    keys: Iterable<K>,
    options?: CallOptions,
  ): Promise<Map<K, Value>>
  getMany<Value, K extends Key>(keys: Iterable<K>, options?: CallOptions): Promise<Map<K, Value>> {
    return getMany<Value, K>(this, keys, options)
  }

  /** Stores the value. Resolves to true. */
  set<Value>(key: Key, value: Storable<Value>, options?: StoreOptions): Promise<boolean> {
    return this.store('set', Command.SET, key, value, options)
  }

  /** Stores each value. If some fail, the error (`PARTIAL`) names their keys. */
  async setMany(entries: Entries, options?: StoreOptions): Promise<void> {
    await runEach(this, options, {
      command: 'set',
      entries: pairsOf(entries),
      keyOf: ([key]) => key,
      run: ([key, value], optionsLeft) => this.set(key, value, optionsLeft),
    })
  }

  /** Stores the value if there is no such item. Resolves to whether it did. */
  add<Value>(key: Key, value: Storable<Value>, options?: StoreOptions): Promise<boolean> {
    return this.store('add', Command.ADD, key, value, options)
  }

  /** Stores the value if there is such an item. Resolves to whether it did. */
  replace<Value>(key: Key, value: Storable<Value>, options?: StoreOptions): Promise<boolean> {
    return this.store('replace', Command.REPLACE, key, value, options)
  }

  /** Adds text or bytes behind the value of an item. Resolves to whether there is one. Its flags and ttl stay. */
  append(key: Key, value: string | Uint8Array, options?: CallOptions): Promise<boolean> {
    return this.extend('append', Command.APPEND, key, value, options)
  }

  /** The same before the value. */
  prepend(key: Key, value: string | Uint8Array, options?: CallOptions): Promise<boolean> {
    return this.extend('prepend', Command.PREPEND, key, value, options)
  }

  /** Stores the value if the item still has this cas, which is from `gets`. */
  cas<Value>(key: Key, value: Storable<Value>, cas: bigint, options?: StoreOptions): Promise<CasOutcome> {
    const call = new CasCall()
    // 0 would mean that any item will do.
    if (!isUnsigned(cas) || cas === 0n) return Promise.reject(badNumber('cas', 'from `gets`', cas))
    call.cas = cas
    return this.store('cas', Command.SET, key, value, options, call)
  }

  /** Resolves to whether there was such an item. */
  delete(key: Key, options?: CallOptions): Promise<boolean> {
    return this.run('delete', Command.DELETE, key, this.newChange(), options)
  }

  /** Resolves to how many of the items there were. If some fail, the error (`PARTIAL`) names their keys. */
  async deleteMany(keys: Iterable<Key>, options?: CallOptions): Promise<number> {
    let deletedCount = 0
    const count = (isDeleted: boolean) => {
      if (isDeleted) deletedCount++
    }
    await runEach(this, options, {
      command: 'delete',
      entries: listOfKeys(keys),
      keyOf: (key) => key,
      run: (key, optionsLeft) => this.delete(key, optionsLeft).then(count),
    })
    return deletedCount
  }

  /** Resolves to the new number, exact to 64 bits, or undefined if there is no such item. Wraps at 2^64. */
  increment(key: Key, delta: bigint | number = 1, options?: CountOptions): Promise<bigint | undefined> {
    return this.count('increment', Command.INCREMENT, key, delta, options)
  }

  /** The same downwards; it stops at 0. */
  decrement(key: Key, delta: bigint | number = 1, options?: CountOptions): Promise<bigint | undefined> {
    return this.count('decrement', Command.DECREMENT, key, delta, options)
  }

  /** The item lives for `ttl` from now on. Resolves to whether there is one. */
  touch(key: Key, ttl: Ttl, options?: CallOptions): Promise<boolean> {
    return this.run('touch', Command.TOUCH, key, this.newChange(), options, ttl)
  }

  /** Any request of the meta protocol, for what has no command here. Not over the binary protocol. */
  meta(verb: string, key: Key, options: MetaOptions = {}): Promise<MetaReply> {
    try {
      checkCommandOptions('meta', options)
      const call = new MetaCall(verb, options.flags ?? '', bytesOf(options.value ?? ''))
      return this.run('meta', Command.META_GET, key, call, options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Removes all items of all servers, now or after a delay. */
  async flush(delay: Ttl = 0, options?: CallOptions): Promise<void> {
    const expiry = delayOf(delay)
    await runOnAll(
      this.executor,
      'flush',
      () => withCommand(new DoneCall(), Command.FLUSH, '', expiry),
      options,
    )
  }

  /**
   * Removes the items of all servers whose keys begin so, behind the client's prefix; not those of keys that `longKeys: 'hash'`
   * has hashed. Only keepcached knows this command, and not in the binary protocol (BAD_REQUEST).
   */
  async flushPrefix(prefix: Key, options?: CallOptions): Promise<void> {
    const whole = this.settings.keys.encodePrefix(prefix)
    const newCall = () => withCommand(new DoneCall(), Command.FLUSH_PREFIX, whole)
    await runOnAll(this.executor, 'flushPrefix', newCall, options)
  }

  /** The statistics of each server, in general or of a group such as `items`. */
  async stats(group = '', options?: CallOptions): Promise<Map<string, Map<string, string>>> {
    checkGroup(group)
    return runOnAll(
      this.executor,
      'stats',
      () => withCommand(new StatisticsCall(), Command.STATS, group),
      options,
    )
  }

  /** The version of each server. */
  version(options?: CallOptions): Promise<Map<string, string>> {
    return runOnAll(this.executor, 'version', () => withCommand(new TextCall(), Command.VERSION), options)
  }

  /** Resolves when each server has replied. */
  async noop(options?: CallOptions): Promise<void> {
    await runOnAll(this.executor, 'noop', () => withCommand(new DoneCall(), Command.NOOP), options)
  }

  private newGet<Value>(): GetCall<Value> {
    return (this.spareGets.take() ?? new GetCall(this.settings.format, this.spareGets)) as GetCall<Value>
  }

  private newChange(): ChangeCall {
    return this.spareChanges.take() ?? new ChangeCall(this.spareChanges)
  }

  private store(
    name: string,
    command: Command,
    key: Key,
    value: unknown,
    options?: StoreOptions,
  ): Promise<boolean>
  private store<R>(
    name: string,
    command: Command,
    key: Key,
    value: unknown,
    options: StoreOptions | undefined,
    call: Call<R>,
  ): Promise<R>
  private store(
    name: string,
    command: Command,
    key: Key,
    value: unknown,
    options: StoreOptions | undefined,
    call: Call<unknown> = this.newChange(),
  ): Promise<unknown> {
    try {
      encodeValue(this.settings.format, value, encodedValue)
      call.value = encodedValue.bytes
      call.clientFlags = encodedValue.clientFlags
    } catch (error) {
      return Promise.reject(error)
    } finally {
      encodedValue.clear()
    }
    return this.run(name, command, key, call, options, options?.ttl)
  }

  private extend(
    name: string,
    command: Command,
    key: Key,
    value: string | Uint8Array,
    options: CallOptions | undefined,
  ): Promise<boolean> {
    const call = this.newChange()
    try {
      call.value = bytesOf(value)
    } catch (error) {
      return Promise.reject(error)
    }
    return this.run(name, command, key, call, options)
  }

  private count(
    name: string,
    command: Command,
    key: Key,
    delta: bigint | number,
    options: CountOptions | undefined,
  ): Promise<bigint | undefined> {
    const call = new CounterCall()
    try {
      call.delta = unsigned(delta)
      if (options?.initial !== undefined) call.initial = unsigned(options.initial)
    } catch (error) {
      return Promise.reject(error)
    }
    return this.run(name, command, key, call, options, options?.ttl)
  }

  /** Any call about one key: for commands that others build. `name` is for tracing. */
  run<R>(
    name: string,
    command: Command,
    key: Key,
    call: Call<R>,
    options: CallOptions | undefined,
    ttl?: Ttl,
  ): Promise<R> {
    try {
      checkCommandOptions(name, options)
      if (ttl !== undefined) call.expiry = expiryOf(ttl)
      this.settings.keys.encode(key, encodedKey)
      call.command = command
      call.key = encodedKey.key
      call.isBase64Key = encodedKey.isBase64
    } catch (error) {
      return Promise.reject(error)
    }
    if (this.executor.isReady) return this.send(name, key, call, options)
    return whenReady(this.executor, options).then((left) => this.send(name, key, call, left))
  }

  private send<R>(name: string, key: Key, call: Call<R>, options: CallOptions | undefined): Promise<R> {
    let target: Target
    try {
      target = this.executor.targetOf(call.key)
    } catch (error) {
      return Promise.reject(error)
    }
    const promise = executed(target, call, options)
    return isTraced() ? traced(promise, { name, server: target.name, keys: [key] }) : promise
  }
}

/** Reused: each call takes their fields before the next one is made. */
const encodedKey = new EncodedKey()
const encodedValue = new EncodedValue()

/** A call that is about no item. */
function withCommand<C extends Call>(call: C, command: Command, key: Key = '', expiry = 0): C {
  call.command = command
  call.key = key
  call.expiry = expiry
  return call
}
