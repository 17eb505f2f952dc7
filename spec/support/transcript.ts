/**
 * A transcript is a list of requests, each with every reply to it, byte by byte. It is sent to a server whole, then byte
 * by byte or nearly so, then cut in two before each of its bytes, or many of them: the replies must be the same. A very long one is cut at
 * some places of all its requests.
 */
import { expect } from 'chai'
import type { Connection } from './connection.js'
import { Random } from './random.js'
import type { ServerProcess } from './server.js'

export interface Exchange {
  readonly request: Message
  /** None if the server does not answer. */
  readonly replies: readonly Message[]
  /** The server closes the connection after its replies. */
  readonly isLast: boolean
}

/** Bytes with a cas that has only a name until the server has chosen it. No name: the cas is 0. */
export interface Message {
  readonly casName?: string | undefined
  bytes(cas: bigint): Buffer
}

/** A name for every cas but 0. Any other name stands for one value, and no two names for the same. */
export const ANY_CAS = 'any'

/** What a transcript needs to know of a protocol. */
export interface Wire {
  /** A request whose reply cannot be mistaken for another: all replies before it have then arrived. */
  readonly fence: Buffer
  readonly fenceReply: Buffer
  /** Makes the server flush its items, without a reply. */
  readonly clear: Buffer
  /** The replies one by one. */
  split(bytes: Buffer): Buffer[]
  casOf(reply: Buffer): bigint
  show(reply: Buffer, nameOfCas?: (cas: bigint) => string): string
}

/** Specifies a transcript as a spec of its own. */
export function specify(
  title: string,
  server: () => ServerProcess,
  wire: Wire,
  exchanges: readonly Exchange[],
): void {
  it(title, async () => {
    const player = new Player(server(), wire)
    try {
      await player.playInEveryWay(exchanges)
    } finally {
      player.close()
    }
  })
}

/** Divides bytes into chunks that are sent at once. */
type Cut = (bytes: Buffer) => Buffer[]

export class Player {
  private readonly server: ServerProcess
  private readonly wire: Wire
  /** A second connection. When it has its reply, the server has seen what the first one sent before. */
  private observer: Connection | undefined
  private connection: Connection | undefined
  /** The last play has sent `clear` behind its fence. */
  private isCleared = false

  constructor(server: ServerProcess, wire: Wire) {
    this.server = server
    this.wire = wire
  }

  /** Once, in one piece. */
  playWhole(exchanges: readonly Exchange[]): Promise<void> {
    return this.play(roundsOf(exchanges), 'whole', () => whole)
  }

  async playInEveryWay(exchanges: readonly Exchange[]): Promise<void> {
    const rounds = roundsOf(exchanges)
    await this.play(rounds, 'whole', () => whole)
    await this.play(rounds, 'in crumbs', () => crumbs)
    for (const offsets of waysToCut(exchanges))
      await this.play(rounds, `cut before byte ${offsets.join(', ')}`, () => cutAt(offsets))
  }

  close(): void {
    this.observer?.close()
    this.connection?.close()
  }

  /** Some replies have the time: a play that failed and during which the second changed is repeated. */
  private async play(rounds: readonly Round[], way: string, makeCut: () => Cut): Promise<void> {
    for (let tries = 1; ; tries++) {
      const started = Date.now()
      try {
        await this.playOnce(rounds, way, makeCut())
        return
      } catch (error) {
        if (tries === TRIES_MAX || isSameSecond(started, Date.now())) throw error
      }
    }
  }

  private async playOnce(rounds: readonly Round[], way: string, cut: Cut): Promise<void> {
    if (!this.isCleared) await this.passBy(this.wire.clear)
    this.isCleared = false
    const names = new CasNames()
    for (const round of rounds) {
      // Cleared by the same connection, the next play need not wait for the other one: a third of the time.
      const end = round === rounds.at(-1) ? [this.wire.fence, this.wire.clear] : [this.wire.fence]
      await this.playRound(round, names, way, cut, end)
    }
    this.isCleared = this.connection !== undefined
  }

  private async playRound(
    round: Round,
    names: CasNames,
    way: string,
    cut: Cut,
    end: readonly Buffer[],
  ): Promise<void> {
    this.connection ??= await this.server.connect()
    const connection = this.connection
    const endsHere = round.endsConnection
    const started = performance.now()
    const pieces = cut(round.bytes(names))
    for (const [index, piece] of pieces.entries()) {
      const isLastPiece = index === pieces.length - 1
      connection.send(isLastPiece && !endsHere ? Buffer.concat([piece, ...end]) : piece)
      if (!isLastPiece) await this.passBy()
    }
    const received = endsHere
      ? await this.receiveEnd(connection, way, started)
      : await this.receive(connection)
    this.compare(this.wire.split(received), round.exchanges, names, way)
  }

  private async receive(connection: Connection): Promise<Buffer> {
    const received = await connection.receiveUntil(this.wire.fenceReply)
    return received.subarray(0, received.length - this.wire.fenceReply.length)
  }

  /** A server reads on for a while after its last reply. A client that sends more after that is reset. */
  private async receiveEnd(connection: Connection, way: string, started: number): Promise<Buffer> {
    this.connection = undefined
    const { bytes, ending } = await connection.receiveRest()
    connection.close()
    const tookMs = performance.now() - started
    if (tookMs < SERVER_READS_ON_MS) expect(ending, `${way}, after ${tookMs} ms`).to.equal('end of stream')
    return bytes
  }

  private compare(received: Buffer[], exchanges: readonly Exchange[], names: CasNames, way: string): void {
    const replies = exchanges.flatMap((exchange) => exchange.replies)
    const expected = replies.map((reply, index) => {
      const casReceived = index < received.length ? this.wire.casOf(received[index]!) : 0n
      return reply.bytes(names.learn(reply.casName, casReceived))
    })
    if (areEqual(received, expected)) return
    const show = (reply: Buffer) => this.wire.show(reply)
    expect(received.map(show), way).to.deep.equal(expected.map(show))
    expect.fail(`${way}: the replies differ in bytes that are not shown`)
  }

  /** Sends a request on the other connection, so that the server meanwhile reads what this one has sent. */
  private async passBy(bytes: Buffer = Buffer.alloc(0)): Promise<void> {
    this.observer ??= await this.server.connect()
    this.observer.send(Buffer.concat([bytes, this.wire.fence]))
    await this.observer.receiveUntil(this.wire.fenceReply)
  }
}

const TRIES_MAX = 3
/** The server promises a second, and may begin to count slightly earlier than this process. */
const SERVER_READS_ON_MS = 900
/** The server's clock and that of this process may differ by this much. */
const CLOCKS_DIFFER_MS = 20

const isSameSecond = (startedMs: number, endedMs: number): boolean =>
  Math.floor((startedMs - CLOCKS_DIFFER_MS) / 1000) === Math.floor((endedMs + CLOCKS_DIFFER_MS) / 1000)

/** Requests that are sent together. Their bytes are made once for all plays, if no cas of an earlier reply is in them. */
class Round {
  readonly exchanges: Exchange[] = []
  private known: Buffer | undefined

  get endsConnection(): boolean {
    return this.exchanges.at(-1)!.isLast
  }

  bytes(names: CasNames): Buffer {
    if (this.known !== undefined) return this.known
    const requests = this.exchanges.map(({ request }) => request)
    const bytes = Buffer.concat(requests.map((request) => request.bytes(names.valueOf(request.casName))))
    if (requests.every(({ casName }) => casName === undefined)) this.known = bytes
    return bytes
  }
}

/** Requests are sent together until one of them has a cas that only a reply can give. */
function roundsOf(exchanges: readonly Exchange[]): Round[] {
  const rounds = [new Round()]
  const known = new Set<string>()
  for (const exchange of exchanges) {
    const { casName } = exchange.request
    if (casName !== undefined && !known.has(casName)) {
      for (const { replies } of rounds.flatMap((round) => round.exchanges))
        for (const reply of replies) known.add(reply.casName ?? '')
      rounds.push(new Round())
    }
    rounds.at(-1)!.exchanges.push(exchange)
  }
  return rounds
}

/** Long ones are not copied for it. */
function areEqual(some: readonly Buffer[], others: readonly Buffer[]): boolean {
  const isAlike = some.length === others.length && some.every((each, index) => each.equals(others[index]!))
  return isAlike || Buffer.concat(some).equals(Buffer.concat(others))
}

/** A transcript longer than this is cut wherever something begins or ends. */
const CUT_LENGTH_MAX = 1500
/** Not more pieces are sent one by one: of a longer one, pieces of a few bytes, cut at other bytes in each run. */
const PIECE_COUNT_MAX = 200
/** One that is longer than this is cut at so many of its bytes: at others in each run. */
const CUT_COUNT_MAX = 40

const random = new Random()

/** For each play, the offsets to cut at. */
function waysToCut(exchanges: readonly Exchange[]): (readonly number[])[] {
  const lengths = exchanges.map(({ request }) => request.bytes(0n).length)
  const total = lengths.reduce((sum, length) => sum + length, 0)
  if (total <= CUT_LENGTH_MAX) {
    const step = Math.ceil(total / CUT_COUNT_MAX)
    const first = 1 + random.below(step)
    return Array.from({ length: Math.ceil((total - first) / step) }, (_, index) => [first + index * step])
  }
  const starts = lengths.map((_, index) => lengths.slice(0, index).reduce((sum, length) => sum + length, 0))
  // Long ones take long: one play cuts all the requests at the same place.
  const placed = PLACES_TO_CUT.map((place) =>
    starts.filter((_, index) => place < lengths[index]!).map((start) => start + place),
  )
  const beforeLast = starts.map((start, index) => start + lengths[index]! - 1)
  return [...placed, starts.slice(1), beforeLast].filter((offsets) => offsets.length > 0)
}

/** In the header, after it, in the key; and where one read of 16, 32 or 64 KiB would end. */
const PLACES_TO_CUT = [1, 23, 24, 25, 33, 40, 16383, 16384, 16385, 65536, 500_000]

const whole: Cut = (bytes) => [bytes]

/** Single bytes, or of a transcript that has more than that many, pieces of as few as possible. */
function crumbs(bytes: Buffer): Buffer[] {
  const length = Math.ceil(bytes.length / PIECE_COUNT_MAX)
  const pieces: Buffer[] = []
  for (let end = 1 + random.below(length); end < bytes.length + length; end += length)
    pieces.push(bytes.subarray(Math.max(0, end - length), end))
  return pieces
}

/** Cuts at offsets that count across all rounds. */
function cutAt(offsets: readonly number[]): Cut {
  let start = 0
  return (bytes) => {
    const inside = offsets
      .map((offset) => offset - start)
      .filter((offset) => offset > 0 && offset < bytes.length)
    start += bytes.length
    return [0, ...inside].map((from, index) => bytes.subarray(from, inside[index]))
  }
}

/** The values of a transcript's names in one run of it. */
class CasNames {
  private readonly values = new Map<string, bigint>()

  valueOf(name: string | undefined): bigint {
    if (name === undefined) return 0n
    const value = this.values.get(name)
    if (value === undefined) throw new Error(`no reply has returned the cas '${name}'`)
    return value
  }

  /** The expected cas of a reply, when it was received as `received`. */
  learn(name: string | undefined, received: bigint): bigint {
    if (name === undefined) return 0n
    if (received === 0n) return NOT_ZERO
    if (name === ANY_CAS) return received
    const known = this.values.get(name)
    if (known !== undefined) return known
    if ([...this.values.values()].includes(received)) return NEW
    this.values.set(name, received)
    return received
  }
}

/** Shown where a cas was expected that is not 0, or not one seen before. No server counts so far. */
const NOT_ZERO = 0xffff_ffff_ffff_fff0n
const NEW = 0xffff_ffff_ffff_fff1n
