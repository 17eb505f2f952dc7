import { expect } from 'chai'
import fc from 'fast-check'
import { Arena } from '../../../lib/arena/arena.js'
import { Output } from '../../../lib/arena/output.js'
import { WindowPool } from '../../../lib/arena/window.js'
import { encodeReply } from '../../../lib/protocol/binary/encode-reply.js'
import type { ReplyFrame } from '../../../lib/protocol/binary/frames/frame.js'
import { type ReplyContent, reply as replyFrame } from '../../../lib/protocol/binary/frames/frame-builders.js'
import { statusText } from '../../../lib/protocol/binary/frames/frame-names.js'
import { FrameReader } from '../../../lib/protocol/binary/frames/frame-reader.js'
import { STATUSES } from '../../../lib/protocol/binary/statuses.js'
import { Command } from '../../../lib/request/command.js'
import { COPIED_VALUE_LENGTH_MAX, KEY_LENGTH_MAX, WINDOW_LENGTH } from '../../../lib/request/limits.js'
import { Reply, type Statistic } from '../../../lib/request/reply.js'
import { Request } from '../../../lib/request/request.js'
import { Status } from '../../../lib/request/status.js'
import { commandOf, rowOf } from '../../support/binary-rules.js'
import { Op } from '../../support/frames.js'
import { pattern } from '../../support/pattern.js'

/** The fields of a reply that depend on the result of the request. */
type Answer =
  | { readonly kind: 'item'; readonly clientFlags: number; readonly cas: bigint; readonly pieces: Piece[] }
  | { readonly kind: 'number'; readonly number: bigint; readonly cas: bigint }
  | { readonly kind: 'text'; readonly text: string; readonly cas: bigint }
  | { readonly kind: 'error'; readonly status: Status; readonly text: string }
  | { readonly kind: 'statistics'; readonly statistics: Statistic[] }

interface Piece {
  readonly start: number
  readonly length: number
}

interface Exchange {
  readonly opcode: number
  readonly opaque: number
  readonly keyLength: number
  readonly answer: Answer
}

const MARKER = 0xa5
const WINDOW_COUNT = 64
const VALUES_LENGTH = 64 * 1024
/** A value is at most as long as all its pieces together. */
const PIECE_COUNT_MAX = 4
const PIECE_LENGTH_MAX = 20 * 1024

const arena = Arena.create(WINDOW_COUNT * WINDOW_LENGTH + VALUES_LENGTH + KEY_LENGTH_MAX + 8192)
const values = arena.reserve(VALUES_LENGTH)
const key = arena.reserve(KEY_LENGTH_MAX)
const pool = new WindowPool(arena, WINDOW_LENGTH, WINDOW_COUNT)
const output = new Output(pool)
const windows = { start: output.cursor, end: output.cursor + WINDOW_COUNT * WINDOW_LENGTH }
const markers = Buffer.alloc(windows.end - windows.start, MARKER)
const request = new Request()
const reply = new Reply()

describe('the encoder of binary replies', () => {
  before(() => {
    arena.bytes.set(pattern(VALUES_LENGTH), values)
    arena.bytes.set(pattern(KEY_LENGTH_MAX, 2), key)
  })

  beforeEach(begin)
  afterEach(() => output.clear())

  it('writes what the reference codec reads, for every opcode, status and shape', () => {
    for (let opcode = 0; opcode < 256; opcode++)
      fc.assert(
        fc.property(exchange(fc.constant(opcode)), anyLinkFrom, (exchange, linkFrom) => {
          begin()
          encode(exchange, linkFrom)
          expect(framesWritten()).deep.equal(expectedFrames(exchange))
          expectMarkersAround()
        }),
        { numRuns: 10 },
      )
  })

  it('writes one reply after the other, wherever a window ends', () => {
    fc.assert(
      fc.property(
        fc.array(exchange(anyOpcode), { minLength: 1, maxLength: 12 }),
        anyFilledLength,
        anyLinkFrom,
        (exchanges, filledLength, linkFrom) => {
          begin()
          output.cursor += filledLength
          for (const exchange of exchanges) encode(exchange, linkFrom)
          expect(framesWritten(filledLength)).deep.equal(exchanges.flatMap(expectedFrames))
          expectMarkersAround()
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('links the pieces of values longer than the given length, and of no others', () => {
    fc.assert(
      fc.property(exchange(anyOpcode), anyLinkFrom, (exchange, linkFrom) => {
        const { answer } = exchange
        fc.pre(answer.kind === 'item' && !isSilent(exchange.opcode, Status.OK))
        begin()
        encode(exchange, linkFrom)
        const isLinked = lengthOf(answer.pieces) > linkFrom
        expect(output.takeLinks()).deep.equal(isLinked ? answer.pieces.map(({ start }) => start) : [])
      }),
      { numRuns: 300 },
    )
  })

  it('omits only the replies that a quiet request does not want', () => {
    const item: Answer = { kind: 'item', clientFlags: 0, cas: 1n, pieces: [] }
    const missing: Answer = { kind: 'error', status: Status.NOT_FOUND, text: '' }
    const stored: Answer = { kind: 'text', text: '', cas: 1n }
    const refused: Answer = { kind: 'error', status: Status.INVALID_ARGUMENTS, text: '' }
    for (const [opcode, answer, count] of [
      [Op.GETQ, missing, 0],
      [Op.GATKQ, missing, 0],
      [Op.GETQ, item, 1],
      [Op.GATKQ, item, 1],
      [Op.GETKQ, refused, 1],
      [Op.SETQ, stored, 0],
      [Op.SETQ, refused, 1],
      [Op.DELETEQ, missing, 1],
      [Op.FLUSHQ, stored, 0],
      [Op.QUITQ, stored, 0],
      [Op.SET, stored, 1],
      [Op.GET, missing, 1],
    ] as const) {
      begin()
      encode({ opcode, opaque: 1, keyLength: 3, answer }, COPIED_VALUE_LENGTH_MAX)
      expect(framesWritten(), `${JSON.stringify(answer.kind)} for ${opcode}`).to.have.length(count)
    }
  })
})

/** An empty output over windows that hold nothing but markers. */
function begin(): void {
  output.clear()
  output.takeLinks()
  arena.bytes.set(markers, windows.start)
}

function encode({ opcode, opaque, keyLength, answer }: Exchange, linkFrom: number): void {
  const row = rowOf(opcode)
  request.command = commandOf(opcode)
  request.opcode = opcode
  request.opaque = opaque | 0
  request.isQuiet = row?.isQuiet ?? false
  request.wantsKey = row?.wantsKey ?? false
  request.keyStart = key
  request.keyEnd = key + keyLength
  fill(answer)
  encodeReply(arena, request, reply, output, linkFrom)
}

/** Fills the reply record, as a command does. */
function fill(answer: Answer): void {
  reply.reset()
  if ('cas' in answer) {
    reply.casHigh = Number(answer.cas >> 32n) | 0
    reply.casLow = Number(answer.cas & 0xffff_ffffn) | 0
  }
  switch (answer.kind) {
    case 'item':
      reply.hasItem = true
      reply.clientFlags = answer.clientFlags | 0
      reply.valueLength = lengthOf(answer.pieces)
      for (const { start, length } of answer.pieces) reply.value.add(start, length)
      break
    case 'number':
      reply.hasNumber = true
      reply.numberHigh = Number(answer.number >> 32n) | 0
      reply.numberLow = Number(answer.number & 0xffff_ffffn) | 0
      break
    case 'text':
      reply.text = answer.text
      break
    case 'error':
      reply.status = answer.status
      reply.text = answer.text
      break
    case 'statistics':
      reply.statistics = answer.statistics
  }
}

/** What the protocol must send, in the terms of the reference codec. */
function expectedFrames({ opcode, opaque, keyLength, answer }: Exchange): ReplyFrame[] {
  if (isSilent(opcode, answer.kind === 'error' ? answer.status : Status.OK)) return []
  const named = rowOf(opcode)?.wantsKey ? { key: arena.bytes.subarray(key, key + keyLength) } : {}
  return contentsOf(answer, named).map((content) => replyFrame(opcode, { opaque, ...content }))
}

function contentsOf(answer: Answer, named: { key?: Buffer }): ReplyContent[] {
  switch (answer.kind) {
    case 'item': {
      const { clientFlags, cas, pieces } = answer
      return [{ extras: { clientFlags }, cas, value: bytesOf(pieces), ...named }]
    }
    case 'number':
      return [{ value: Buffer.from(answer.number.toString(16).padStart(16, '0'), 'hex'), cas: answer.cas }]
    case 'text':
      return [{ value: answer.text, cas: answer.cas }]
    case 'error':
      return [errorContent(answer.status, answer.text, named)]
    case 'statistics':
      return [...answer.statistics, ['', ''] as const].map(([name, value]) => ({ key: name, value }))
  }
}

function errorContent(status: Status, text: string, named: { key?: Buffer }): ReplyContent {
  const { code } = STATUSES[status]
  if (status === Status.NOT_FOUND && named.key !== undefined) return { status: code, ...named }
  return { status: code, value: text || statusText(code) }
}

function isSilent(opcode: number, status: Status): boolean {
  if (!rowOf(opcode)?.isQuiet) return false
  const command = commandOf(opcode)
  const isGet = command === Command.GET || command === Command.GET_AND_TOUCH
  return status === (isGet ? Status.NOT_FOUND : Status.OK)
}

/** What has been written behind the first `skippedLength` bytes, as whole frames. */
function framesWritten(skippedLength = 0): ReplyFrame[] {
  const bytes = Buffer.concat(output.views(arena))
  expect(output.byteLength, 'byteLength').equal(bytes.length)
  const reader = new FrameReader().push(bytes.subarray(skippedLength))
  const frames = [...reader] as ReplyFrame[]
  expect(reader.heldLength, 'bytes behind the last frame').equal(0)
  return frames
}

/** Checks that nothing outside the pieces of the output was written. Clears the pieces: they become markers, too. */
function expectMarkersAround(): void {
  output.pieceStarts.forEach((start, index) => {
    if (start >= windows.start && start < windows.end)
      arena.bytes.fill(MARKER, start, output.pieceEnds[index])
  })
  expect(arena.bytes.subarray(windows.start, windows.end).equals(markers), 'markers').equal(true)
}

const lengthOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { length }) => sum + length, 0)
const bytesOf = (pieces: readonly Piece[]): Buffer =>
  Buffer.concat(pieces.map(({ start, length }) => arena.bytes.subarray(start, start + length)))

// ─── arbitraries ─────────────────────────────────────────────────────────────────────────────────────────────────────

const between = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max })
const uint32 = between(0, 0xffff_ffff)
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const anyOpcode = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...Object.values(Op)) }, between(0, 255))
const LINK_LENGTHS = [100, COPIED_VALUE_LENGTH_MAX]
const anyLinkFrom = fc.constantFrom(0, ...LINK_LENGTHS, Number.POSITIVE_INFINITY)
/** Often such that the next reply crosses the end of the window. */
const anyFilledLength = fc.oneof(between(0, WINDOW_LENGTH), between(WINDOW_LENGTH - 400, WINDOW_LENGTH))
/** What the server reports about itself is ASCII. */
const anyText = fc.oneof(fc.constant(''), fc.string({ unit: 'binary-ascii', maxLength: 300 }))

const anyPiece: fc.Arbitrary<Piece> = fc
  .tuple(fc.oneof(fc.constantFrom(...LINK_LENGTHS), between(1, 200), between(1, PIECE_LENGTH_MAX)), fc.nat())
  .map(([length, place]) => ({ start: values + (place % (VALUES_LENGTH - length)), length }))

const anyStatistic: fc.Arbitrary<Statistic> = fc.tuple(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300, size: 'max' }),
  fc.oneof(
    { weight: 9, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }) },
    between(0, 3 * WINDOW_LENGTH).map((length) => '.'.repeat(length)),
  ),
)

const anyAnswer: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({
    kind: fc.constant('item' as const),
    clientFlags: uint32,
    cas: uint64,
    pieces: fc.array(anyPiece, { maxLength: PIECE_COUNT_MAX }),
  }),
  fc.record({ kind: fc.constant('number' as const), number: uint64, cas: uint64 }),
  fc.record({ kind: fc.constant('text' as const), text: anyText, cas: uint64 }),
  fc.record({
    kind: fc.constant('error' as const),
    status: fc.constantFrom(...Object.values(Status).filter((status) => status !== Status.OK)),
    text: anyText,
  }),
  fc.record({
    kind: fc.constant('statistics' as const),
    statistics: fc.array(anyStatistic, { maxLength: 10 }),
  }),
)

const exchange = (opcode: fc.Arbitrary<number>): fc.Arbitrary<Exchange> =>
  fc.record({ opcode, opaque: uint32, keyLength: between(0, KEY_LENGTH_MAX), answer: anyAnswer })
