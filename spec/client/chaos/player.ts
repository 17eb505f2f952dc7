import { setTimeout as sleep } from 'node:timers/promises'
import type { CallOptions, Client, ClientProtocol } from '../../../lib/client/index.js'
import type { Random } from '../../support/random.js'
import type { Judge } from './judge.js'
import { KeyHistory } from './key-history.js'
import { counterIn, type MarkedValue, markedValue } from './marked-value.js'

/** What the players of one client have in common. */
export interface PlayerParts {
  readonly client: Client
  readonly protocol: ClientProtocol
  readonly isLied: boolean
  readonly timeoutMs: number
  readonly judge: Judge
  readonly random: Random
  /** How many servers have been killed up to now. */
  readonly killCount: () => number
}

/** The outcome of a call: what it resolved to, or that it failed. */
type Outcome<Result> = { readonly result: Result; readonly error?: never } | { readonly error: Error }

/** Makes one call after the other about keys of its own, and compares what it gets with what it has set. */
export class Player {
  readonly parts: PlayerParts
  private readonly name: string
  private readonly histories: KeyHistory[] = []
  private keyCount = 0

  constructor(name: string, parts: PlayerParts) {
    this.name = name
    this.parts = parts
    for (let index = 0; index < KEY_COUNT; index++) this.histories.push(this.newHistory())
  }

  get client(): Client {
    return this.parts.client
  }

  async play(): Promise<void> {
    const index = this.parts.random.below(KEY_COUNT)
    if (this.histories[index]!.isVague) this.histories[index] = this.newHistory()
    await this.drawAct()(this, this.histories[index]!)
  }

  someHistories(): KeyHistory[] {
    return this.histories.filter(() => this.parts.random.chance(0.5))
  }

  /** A value that was never set, for the key. */
  nextValue(history: KeyHistory): MarkedValue {
    history.lastCounter++
    return markedValue(history.key, history.lastCounter)
  }

  /** Makes a call with a deadline, sometimes a short one, and sometimes with a signal. */
  async ask<Result>(
    name: string,
    start: (options: CallOptions) => Promise<Result>,
  ): Promise<Outcome<Result>> {
    const { random, judge, isLied } = this.parts
    const isShort = random.chance(0.02)
    const timeoutMs = isShort ? 1 + random.below(40) : this.parts.timeoutMs
    const isAborted = random.chance(0.02)
    const abortMs = isAborted ? random.below(60) : Number.POSITIVE_INFINITY
    const controller = isAborted ? new AbortController() : undefined
    const timer = isAborted ? setTimeout(() => controller!.abort(), abortMs) : undefined
    const options: CallOptions = {
      ...(isShort && { timeout: timeoutMs }),
      ...(controller && { signal: controller.signal }),
    }
    let result: Result | undefined
    const error = await judge.watch(`${this.name} ${name}`, { timeoutMs, abortMs }, isLied, async () => {
      result = await start(options)
    })
    clearTimeout(timer)
    if (error === undefined) return { result: result as Result }
    if (isRefused(error)) await sleep(random.below(REST_MS_MAX))
    return { error }
  }

  /** Notes what became of a change: it stores the value with the counter, or deletes. */
  noteChange(
    history: KeyHistory,
    counter: number | undefined,
    outcome: Outcome<unknown>,
    hasTakenPlace: boolean,
    killsBefore: number,
  ): void {
    if (outcome.error !== undefined) {
      if (!isRefused(outcome.error)) history.maybeChanged(counter)
    } else if (hasTakenPlace) history.changed(counter, killsBefore)
  }

  /** Compares a value that was read, or that there was none. */
  judgeValue(name: string, history: KeyHistory, value: unknown, killsBefore: number): void {
    const { judge, isLied, killCount } = this.parts
    const counter = value === undefined ? undefined : counterIn(value, history.key)
    // Who lies may take away, or send what was true once.
    const words = isLied
      ? counter !== undefined &&
        (counter < 1 || counter > history.lastCounter) &&
        'a value that was never set'
      : counter === undefined
        ? history.missed(killsBefore, killCount())
        : history.read(counter, killsBefore)
    if (words) judge.wrong(`${name} of ${history.key}: ${words}: ${JSON.stringify(value)?.slice(0, 100)}`)
  }

  private drawAct(): Act {
    let drawn = this.parts.random.below(WEIGHT_SUM)
    for (const [weight, act] of ACTS) {
      drawn -= weight
      if (drawn < 0) return act
    }
    throw new Error('the weights have another sum')
  }

  private newHistory(): KeyHistory {
    return new KeyHistory(`${this.name}.${this.keyCount++}`)
  }
}

/** Nothing was sent. */
function isRefused(error: Error): boolean {
  return REFUSALS.has((error as { code?: string }).code ?? '')
}

const REFUSALS: ReadonlySet<string> = new Set(['UNREACHABLE', 'BREAKER_OPEN', 'QUEUE_FULL'])
const KEY_COUNT = 12
/** After a refusal, so that not all calls of a run are refused ones. */
const REST_MS_MAX = 30

type Act = (player: Player, history: KeyHistory) => Promise<void>

const get: Act = async (player, history) => {
  const kills = player.parts.killCount()
  const outcome = await player.ask('get', (options) => player.client.get(history.key, options))
  if (outcome.error === undefined) player.judgeValue('get', history, outcome.result, kills)
}

const getAndTouch: Act = async (player, history) => {
  const kills = player.parts.killCount()
  const outcome = await player.ask('getAndTouch', (options) =>
    player.client.getAndTouch(history.key, '1h', options),
  )
  if (outcome.error === undefined) player.judgeValue('getAndTouch', history, outcome.result, kills)
}

const getMany: Act = async (player) => {
  const kills = player.parts.killCount()
  const histories = player.someHistories()
  const outcome = await player.ask('getMany', (options) =>
    player.client.getMany(
      histories.map(({ key }) => key),
      options,
    ),
  )
  if (outcome.error === undefined) {
    for (const history of histories)
      player.judgeValue('getMany', history, outcome.result.get(history.key), kills)
    return
  }
  const { failed, found } = outcome.error as unknown as {
    failed?: ReadonlyMap<string, Error>
    found?: ReadonlyMap<string, unknown>
  }
  if (found === undefined) return
  for (const history of histories)
    if (!failed!.has(history.key))
      player.judgeValue('getMany in part', history, found.get(history.key), kills)
}

const set: Act = async (player, history) => {
  const kills = player.parts.killCount()
  const value = player.nextValue(history)
  const outcome = await player.ask('set', (options) => player.client.set(history.key, value, options))
  if (outcome.error === undefined && !outcome.result && !player.parts.isLied)
    player.parts.judge.wrong(`set of ${history.key} resolved to false`)
  player.noteChange(history, history.lastCounter, outcome, true, kills)
}

const add: Act = async (player, history) => {
  const kills = player.parts.killCount()
  const value = player.nextValue(history)
  const outcome = await player.ask('add', (options) => player.client.add(history.key, value, options))
  const isAdded = outcome.error === undefined && outcome.result
  if (isAdded) player.judgeValue('add', history, undefined, kills)
  player.noteChange(history, history.lastCounter, outcome, isAdded, kills)
}

const replace: Act = async (player, history) => {
  const kills = player.parts.killCount()
  const value = player.nextValue(history)
  const outcome = await player.ask('replace', (options) => player.client.replace(history.key, value, options))
  const isReplaced = outcome.error === undefined && outcome.result
  if (outcome.error === undefined && !isReplaced) player.judgeValue('replace', history, undefined, kills)
  player.noteChange(history, history.lastCounter, outcome, isReplaced, kills)
}

const remove: Act = async (player, history) => {
  const kills = player.parts.killCount()
  const outcome = await player.ask('delete', (options) => player.client.delete(history.key, options))
  if (outcome.error === undefined && !outcome.result) player.judgeValue('delete', history, undefined, kills)
  player.noteChange(history, undefined, outcome, true, kills)
}

const cas: Act = async (player, history) => {
  const kills = player.parts.killCount()
  const outcome = await player.ask('gets', (options) => player.client.gets(history.key, options))
  if (outcome.error !== undefined) return
  player.judgeValue('gets', history, outcome.result?.value, kills)
  if (outcome.result === undefined) return
  const { cas: version } = outcome.result
  const value = player.nextValue(history)
  const stored = await player.ask('cas', (options) => player.client.cas(history.key, value, version, options))
  const isStored = stored.error === undefined && stored.result === 'stored'
  if (stored.error === undefined && stored.result === 'missing')
    player.judgeValue('cas', history, undefined, kills)
  player.noteChange(history, history.lastCounter, stored, isStored, kills)
}

const touch: Act = async (player, history) => {
  const kills = player.parts.killCount()
  const outcome = await player.ask('touch', (options) => player.client.touch(history.key, '1h', options))
  if (outcome.error === undefined && !outcome.result) player.judgeValue('touch', history, undefined, kills)
}

/** A counter of its own for each call, so that its number is known. */
const count: Act = async (player, history) => {
  const key = `${history.key}.n`
  const begin = player.parts.random.below(1_000_000)
  const before = await player.ask('set', (options) => player.client.set(key, begin, options))
  if (before.error !== undefined) return
  const outcome = await player.ask('increment', (options) => player.client.increment(key, 7, options))
  if (outcome.error !== undefined || outcome.result === undefined || player.parts.isLied) return
  // A set of an earlier round that was under way may have come between.
  if (outcome.result < 7n || outcome.result >= 1_000_014n)
    player.parts.judge.wrong(`increment of ${key}: ${outcome.result} after ${begin}`)
}

const append: Act = async (player, history) => {
  const key = `${history.key}.a`
  await player.ask('set', (options) => player.client.set(key, `${key}:`, options))
  await player.ask('append', (options) => player.client.append(key, '>', options))
  await player.ask('prepend', (options) => player.client.prepend(key, '<', options))
  const outcome = await player.ask('get', (options) => player.client.get<string>(key, options))
  const value = outcome.error === undefined ? outcome.result : undefined
  if (value !== undefined && value.replaceAll(/[<>]/g, '') !== `${key}:`)
    player.parts.judge.wrong(`get of ${key}: ${JSON.stringify(value)}`)
}

const talk: Act = async (player) => {
  const versions = await player.ask('version', (options) => player.client.version(options))
  const isWrong =
    versions.error === undefined && ![...versions.result.values()].every((version) => /^\d/.test(version))
  if (isWrong && !player.parts.isLied) player.parts.judge.wrong('a version without a number')
  await player.ask('noop', (options) => player.client.noop(options))
  await player.ask('stats', (options) => player.client.stats('', options))
}

const meta: Act = async (player, history) => {
  if (player.parts.protocol !== 'meta') return
  const outcome = await player.ask('meta', (options) =>
    player.client.meta('mg', history.key, { flags: 'k', ...options }),
  )
  if (outcome.error !== undefined || player.parts.isLied) return
  const { code, flags } = outcome.result
  if (code !== 'EN' && (code !== 'HD' || flags.trim() !== `k${history.key}`))
    player.parts.judge.wrong(`mg of ${history.key}: ${code} ${flags}`)
}

/** How often each is drawn. */
const ACTS: readonly (readonly [number, Act])[] = [
  [40, get],
  [8, getAndTouch],
  [10, getMany],
  [30, set],
  [6, add],
  [6, replace],
  [5, remove],
  [8, cas],
  [5, touch],
  [4, count],
  [3, append],
  [1, talk],
  [3, meta],
]
const WEIGHT_SUM = ACTS.reduce((sum, [weight]) => sum + weight, 0)
