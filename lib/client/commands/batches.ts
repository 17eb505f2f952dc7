import type { MessageKey } from '../../protocol/client/request-message.js'
import { Command } from '../../request/command.js'
import { GetCall } from '../calls/get-call.js'
import { GetManyCall } from '../calls/get-many-call.js'
import type { ClientError } from '../client-error.js'
import { EncodedKey } from '../keys/key-encoder.js'
import { listOfKeys } from './arguments.js'
import { checkCommandOptions, type Key } from './command-options.js'
import type { CommandParts, CommandSettings } from './command-settings.js'
import { type CallOptions, type Executor, executed, type Target } from './executor.js'
import { batchError, keyError } from './partial-error.js'
import { SharedDeadline, whenReady } from './time-left.js'
import { isTraced, traced } from './tracing.js'

/** Keys as given and as sent, which have one place in each list. */
interface EncodedKeys<K> {
  readonly given: readonly K[]
  readonly sent: readonly MessageKey[]
  /** The places of those that are sent in base64. */
  readonly base64Places: ReadonlySet<number>
}

/** Keys of one server that are asked for at a time, as given and as sent. */
interface Share<K> {
  readonly target: Target
  readonly given: readonly K[]
  readonly sent: readonly MessageKey[]
  readonly isBase64: boolean
  /** The server has said which of the keys it has. */
  isAnswered: boolean
}

/** One that takes more keys. */
interface OpenShare<K> extends Share<K> {
  readonly given: K[]
  readonly sent: MessageKey[]
}

/** Of all requests of one `getMany`. */
interface Search<K, Value> {
  readonly found: Map<K, Value>
  readonly failed: Map<Key, ClientError>
  readonly deadline: SharedDeadline<CallOptions>
  /** Of the first requests. */
  readonly options: CallOptions | undefined
}

/** Asks each server for its keys, in batches. */
export async function getMany<Value, K extends Key>(
  { executor, settings }: CommandParts,
  keys: Iterable<K>,
  options: CallOptions | undefined,
): Promise<Map<K, Value>> {
  checkCommandOptions('getMany', options)
  const encodedKeys = encodeKeys(settings, listOfKeys(keys))
  const deadline = new SharedDeadline(executor, options)
  const found = new Map<K, Value>()
  const failed = new Map<Key, ClientError>()
  const fail = (given: readonly K[], thrown: unknown) => {
    const error = keyError(thrown)
    for (const key of given) if (!found.has(key)) failed.set(key, error)
  }
  let optionsLeft = options
  try {
    if (!executor.isReady) optionsLeft = await whenReady(executor, options)
  } catch (thrown) {
    fail(encodedKeys.given, thrown)
  }
  const batches: Promise<unknown>[] = []
  const shares = failed.size > 0 ? [] : sharesOf(executor, encodedKeys)
  for (const share of shares) {
    const promise = getShare(settings, share, { found, failed, deadline, options: optionsLeft })
    const told = isTraced()
      ? traced(promise, { name: 'get', server: share.target.name, keys: share.given, isBatch: true })
      : promise
    batches.push(told.catch((thrown: unknown) => share.isAnswered || fail(share.given, thrown)))
  }
  await Promise.all(batches)
  if (failed.size > 0) {
    const isTotal = failed.size === new Set(encodedKeys.given).size
    throw batchError({ command: 'get', failed, found, isTotal })
  }
  return found
}

/** Throws why the server has not replied; or, once it has, the first failure of those that are noted for their keys. */
async function getShare<Value, K extends Key>(
  { format }: CommandSettings,
  share: Share<K>,
  { found, failed, deadline, options }: Search<K, Value>,
): Promise<void> {
  const { target, sent, isBase64, given } = share
  const batch = new GetManyCall<K, Value>(format, sent, isBase64, given, found)
  const { doubtful, failures } = batch
  batch.command = Command.GET
  try {
    await executed(target, batch, options)
  } catch (thrown) {
    const [first] = failures.values()
    if (thrown !== first) throw thrown
  }
  share.isAnswered = true
  if (doubtful.length > 0) {
    const optionsLeft = deadline.optionsLeft()
    const getOne = async (index: number) => {
      const call = new GetCall<Value>(format)
      call.command = Command.GET
      call.key = sent[index]!
      const key = given[index]!
      try {
        if (optionsLeft === undefined) throw deadline.error()
        const value = await executed(target, call, optionsLeft)
        if (value !== undefined) found.set(key, value)
      } catch (thrown) {
        failures.set(key, thrown as Error)
      }
    }
    await Promise.all(doubtful.map(getOne))
  }
  for (const [key, error] of failures) failed.set(key, keyError(error))
  for (const error of failures.values()) throw error
}

/** What is done for each entry of a list. */
interface Round<Entry, Options> {
  /** For the error. */
  readonly command: string
  readonly entries: readonly Entry[]
  readonly keyOf: (entry: Entry) => Key
  readonly run: (entry: Entry, options: Options | undefined) => Promise<unknown>
}

/**
 * Runs a command for each entry: so many at a time that they neither fill the queues nor wait for each other one by one.
 * Throws a PartialError, after all have run, if some have failed. All share one deadline. A key that is none fails all of
 * them before anything is sent.
 */
export async function runEach<Entry, Options extends CallOptions>(
  { executor, settings }: CommandParts,
  options: Options | undefined,
  { command, entries, keyOf, run }: Round<Entry, Options>,
): Promise<void> {
  // Once for all entries, each of which would fail by it.
  checkCommandOptions(command, options)
  checkKeys(settings, entries, keyOf)
  const deadline = new SharedDeadline(executor, options)
  const failed = new Map<Key, ClientError>()
  let failedCount = 0
  const fail = (entry: Entry, error: unknown) => {
    failedCount++
    failed.set(keyOf(entry), keyError(error))
  }
  let optionsLeft: Options | undefined | 'none' = options
  let running: Promise<unknown>[] = []
  for (const entry of entries) {
    if (optionsLeft === 'none') {
      fail(entry, deadline.error())
      continue
    }
    running.push(run(entry, optionsLeft).catch((error: unknown) => fail(entry, error)))
    if (running.length < BATCH_COUNT_MAX) continue
    await Promise.all(running)
    running = []
    optionsLeft = deadline.optionsLeft() ?? 'none'
  }
  await Promise.all(running)
  if (failedCount > 0) throw batchError({ command, failed, isTotal: failedCount === entries.length })
}

/** Throws if one is no key. */
function checkKeys<Entry>(
  { keys }: CommandSettings,
  entries: readonly Entry[],
  keyOf: (entry: Entry) => Key,
): void {
  const encoded = new EncodedKey()
  for (const entry of entries) keys.encode(keyOf(entry), encoded)
}

/** Throws if one is no key. */
function encodeKeys<K extends Key>(settings: CommandSettings, keys: readonly K[]): EncodedKeys<K> {
  const encoded = new EncodedKey()
  const given = keys.slice()
  const sent = new Array<MessageKey>(given.length)
  const base64Places = new Set<number>()
  for (let index = 0; index < given.length; index++) {
    settings.keys.encode(given[index]!, encoded)
    sent[index] = encoded.key
    if (encoded.isBase64) base64Places.add(index)
  }
  return { given, sent, base64Places }
}

/** Divides keys among the servers that have them, and into batches of a bounded length. */
function sharesOf<K extends Key>(executor: Executor, keys: EncodedKeys<K>): readonly Share<K>[] {
  const { given, sent, base64Places } = keys
  if (sent.length === 0) return []
  const target = executor.targetOf(sent[0]!)
  const isOneBatch = sent.length <= BATCH_COUNT_MAX && base64Places.size === 0
  if (isOneBatch && sent.every((key) => executor.targetOf(key) === target))
    return [{ target, given, sent, isBase64: false, isAnswered: false }]
  const shares: OpenShare<K>[] = []
  for (let index = 0; index < sent.length; index++) {
    const share = openShare(shares, executor.targetOf(sent[index]!), base64Places.has(index))
    share.given.push(given[index]!)
    share.sent.push(sent[index]!)
  }
  return shares
}

/** A new one, if there is none with room for one more key. */
function openShare<K>(shares: OpenShare<K>[], target: Target, isBase64: boolean): OpenShare<K> {
  // Those with room are among the last.
  for (let index = shares.length - 1; index >= 0; index--) {
    const share = shares[index]!
    if (hasRoomFor(share, target, isBase64)) return share
  }
  const share = { target, given: [], sent: [], isBase64, isAnswered: false }
  shares.push(share)
  return share
}

/** All keys of a batch are in base64, or none. */
const hasRoomFor = <K>(share: Share<K>, target: Target, isBase64: boolean): boolean =>
  share.target === target && share.isBase64 === isBase64 && share.given.length < BATCH_COUNT_MAX

/** Keys in one batch: the calls of others that share the connection do not wait long behind it. */
const BATCH_COUNT_MAX = 500
