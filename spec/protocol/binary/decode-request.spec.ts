import { expect } from 'chai'
import fc from 'fast-check'
import { Arena } from '../../../lib/arena/arena.js'
import { decodeRequest } from '../../../lib/protocol/binary/decode-request.js'
import { decodeFrame, encodeFrame, type RequestFrame } from '../../../lib/protocol/binary/frames/frame.js'
import { readExtras } from '../../../lib/protocol/binary/frames/frame-extras.js'
import { FrameReader } from '../../../lib/protocol/binary/frames/frame-reader.js'
import { HEADER_LENGTH, REQUEST_MAGIC } from '../../../lib/protocol/binary/header.js'
import { EXTRA_LENGTHS } from '../../../lib/protocol/binary/opcodes.js'
import { BROKEN, NEED_MORE } from '../../../lib/protocol/protocol.js'
import { KEY_LENGTH_MAX, READ_LENGTH } from '../../../lib/request/limits.js'
import type { PartialValue } from '../../../lib/request/partial-value.js'
import { Request } from '../../../lib/request/request.js'
import { Status } from '../../../lib/request/status.js'
import { commandOf, refusalOf, rowOf } from '../../support/binary-rules.js'
import { request as frameBytes, Op, uint32 as uint32Bytes } from '../../support/frames.js'
import { pattern } from '../../support/pattern.js'

const MARKER = 0xa5
/** Markers fill up to this many bytes before a frame, and behind it. */
const MARGIN = 64
const VALUE_LENGTH_MAX = 30 * 1024
const LONGEST_READ = 0x7fff_ffff

const REGION_LENGTH = 64 * 1024
const arena = Arena.create(REGION_LENGTH)
const region = arena.reserve(REGION_LENGTH)
/** One record for all frames, as in a worker: the next frame must not show what an earlier one left. */
const request = new Request()

/**
 * Lets the decoder read the first bytes of a frame at some offset between markers. Returns how far behind the
 * frame's first byte the next one begins, or what else the decoder returns.
 */
function decode(bytes: Uint8Array, offset = 0, visibleLength = bytes.length): number {
  const start = region + offset
  const end = start + visibleLength
  arena.bytes.fill(MARKER, region, end + MARGIN)
  arena.bytes.set(bytes.subarray(0, visibleLength), start)
  const before = Buffer.from(arena.bytes.subarray(region, end + MARGIN))
  request.staged = {} as PartialValue
  const next = decodeRequest(arena, start, end, request)
  expect(before.equals(arena.bytes.subarray(region, end + MARGIN)), 'decoding writes nothing').equal(true)
  return next < 0 ? next : next - start
}

describe('the decoder of binary requests', () => {
  it('reads the same as the reference codec, for every opcode', () => {
    for (let opcode = 0; opcode < 256; opcode++)
      fc.assert(
        fc.property(wellFormed(opcode), anyOffset, (frame, offset) => {
          const bytes = encodeFrame(frame)
          expect(decode(bytes, offset)).equal(bytes.length)
          expectSame(decodeFrame(bytes)!.frame as RequestFrame)
        }),
        { numRuns: 20 },
      )
  })

  it('refuses what breaks the rules of its opcode, and nothing else', () => {
    fc.assert(
      fc.property(anyFrame, anyOffset, (frame, offset) => {
        const bytes = encodeFrame(frame)
        expect(decode(bytes, offset)).equal(bytes.length)
        expect(request.refusal).equal(refusalOf(lengthsOf(frame)))
        if (request.refusal === Status.OK) expectSame(frame)
        else expectSameHeader(frame)
      }),
      { numRuns: 3000 },
    )
  })

  it('refuses lengths that contradict each other, and bodies beyond 2^31', () => {
    fc.assert(
      fc.property(
        anyOpcode,
        uint16,
        uint8,
        uint32,
        uint32,
        (opcode, keyLength, extrasLength, body, opaque) => {
          // Half of the bodies are too short for their parts, and half of the others beyond 2^31.
          const bodyLength = body % 2 === 0 ? (body >>> 1) % (keyLength + extrasLength + 1) : body
          const refusal = refusalOf({ opcode, keyLength, extrasLength, bodyLength })
          fc.pre(refusal !== Status.OK)
          const next = decode(frameBytes(opcode, { keyLength, extrasLength, bodyLength, opaque }))
          expect(request).to.include({ refusal, opcode, opaque: opaque | 0 })
          // A client may send all parts, though they are longer than the body.
          const length = Math.max(bodyLength, keyLength + extrasLength)
          expect(next).equal(bodyLength > LONGEST_READ ? HEADER_LENGTH : HEADER_LENGTH + length)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('waits for the rest of a request, wherever it is cut', () => {
    fc.assert(
      fc.property(anyOpcode.chain(smallFrame), anyOffset, (frame, offset) => {
        const bytes = encodeFrame(frame)
        for (let length = 0; length < bytes.length; length++)
          expect(decode(bytes, offset, length), `after ${length} of ${bytes.length}`).equal(NEED_MORE)
        expect(decode(bytes, offset)).equal(bytes.length)
        expectSame(frame)
      }),
    )
  })

  it('refuses as soon as the header has arrived', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const refusal = refusalOf(lengthsOf(frame))
        fc.pre(refusal !== Status.OK)
        const bytes = encodeFrame(frame)
        for (let length = 0; length < HEADER_LENGTH; length++)
          expect(decode(bytes, 0, length), `after ${length}`).equal(NEED_MORE)
        for (const length of [HEADER_LENGTH, Math.floor((HEADER_LENGTH + bytes.length) / 2)]) {
          expect(decode(bytes, 0, length), `after ${length}`).equal(bytes.length)
          expect(request.refusal).equal(refusal)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('returns a request longer than a read as soon as all but its value has arrived', () => {
    fc.assert(
      fc.property(anyOpcode.chain(longFrame), anyOffset, (frame, offset) => {
        const bytes = encodeFrame(frame)
        const valueStart = bytes.length - frame.value.length
        for (let length = 0; length < valueStart; length++)
          expect(decode(bytes, offset, length), `after ${length}`).equal(NEED_MORE)
        for (const length of [valueStart, valueStart + 1, bytes.length - 1]) {
          expect(decode(bytes, offset, length), `after ${length}`).equal(bytes.length)
          expectSame(frame, length - valueStart)
        }
      }),
    )
  })

  it('waits for a request up to the length of a read, and for no longer one', () => {
    const overhead = HEADER_LENGTH + 8 + 'key'.length
    for (const [length, answer] of [
      [READ_LENGTH, NEED_MORE],
      [READ_LENGTH + 1, READ_LENGTH + 1],
    ] as const) {
      const bytes = frameBytes(Op.SET, {
        key: 'key',
        extras: Buffer.alloc(8),
        value: Buffer.alloc(length - overhead),
      })
      expect(decode(bytes, 0, length - 1), `${length - 1} of ${length}`).equal(answer)
      expect(decode(bytes, 0, overhead), `${overhead} of ${length}`).equal(answer)
      expect(decode(bytes), `all ${length}`).equal(length)
    }
  })

  it('recognizes by the first byte what is not a request', () => {
    const frame = frameBytes(Op.NOOP)
    for (let magic = 0; magic < 256; magic++) {
      if (magic === REQUEST_MAGIC) continue
      frame[0] = magic
      for (const length of [1, HEADER_LENGTH - 1, HEADER_LENGTH])
        expect(decode(frame, 3, length)).equal(BROKEN)
    }
    expect(decode(frame, 3, 0)).equal(NEED_MORE)
  })

  it('finds one request after the other', () => {
    fc.assert(
      fc.property(fc.array(anyOpcode.chain(smallFrame), { maxLength: 12 }), anyOffset, (frames, offset) => {
        const bytes = Buffer.concat(frames.map(encodeFrame))
        decode(bytes, offset)
        const start = region + offset
        let cursor = start
        for (const frame of new FrameReader().push(bytes)) {
          cursor = decodeRequest(arena, cursor, start + bytes.length, request)
          expectSame(frame as RequestFrame)
        }
        expect(cursor).equal(start + bytes.length)
        expect(decodeRequest(arena, cursor, cursor, request)).equal(NEED_MORE)
      }),
    )
  })
})

// ─── what must be in the record ──────────────────────────────────────────────────────────────────────────────────────

/** The record has the fields of the frame; of the value what has arrived, and where the rest will be. */
function expectSame(frame: RequestFrame, arrivedLength = frame.value.length): void {
  const { keyStart, keyEnd, valueStart, valueEnd } = request
  expectSameHeader(frame)
  expect(request.refusal, 'refusal').equal(Status.OK)
  expect(arena.bytes.subarray(keyStart, keyEnd).equals(frame.key), 'key').equal(true)
  expect([valueStart, valueEnd - valueStart], 'value').deep.equal([keyEnd, frame.value.length])
  const arrived = arena.bytes.subarray(valueStart, valueStart + arrivedLength)
  expect(arrived.equals(frame.value.subarray(0, arrivedLength)), 'value').equal(true)
  expectSameExtras(frame)
}

function expectSameHeader({ opcode, opaque, cas }: RequestFrame): void {
  const row = rowOf(opcode)
  expect(request).to.include({
    command: commandOf(opcode),
    opcode,
    opaque: opaque | 0,
    isQuiet: row?.isQuiet ?? false,
    wantsKey: row?.wantsKey ?? false,
    staged: undefined,
  })
  expect(uint64Of(request.casHigh, request.casLow), 'cas').equal(cas)
}

function expectSameExtras(frame: RequestFrame): void {
  const row = rowOf(frame.opcode)
  if (row === undefined) return
  const expected = readExtras(frame)!
  const { clientFlags, expiry, deltaHigh, deltaLow, initialHigh, initialLow, createsCounter } = request
  if (expected.clientFlags !== undefined)
    expect(clientFlags >>> 0, 'client flags').equal(expected.clientFlags)
  if (row.extras.includes('expiry')) expect(expiry, 'expiry').equal(expected.expiry ?? 0)
  if (expected.delta === undefined) return
  expect(uint64Of(deltaHigh, deltaLow), 'delta').equal(expected.delta)
  expect(uint64Of(initialHigh, initialLow), 'initial').equal(expected.initial)
  expect(createsCounter, 'creates a counter').equal(expected.expiry !== 0xffff_ffff)
}

const lengthsOf = ({ opcode, key, extras, value }: RequestFrame) => ({
  opcode,
  keyLength: key.length,
  extrasLength: extras.length,
  bodyLength: extras.length + key.length + value.length,
})

/** Of two signed halves, because those stay off the heap. */
function uint64Of(high: number, low: number): bigint {
  expect([high, low]).deep.equal([high | 0, low | 0])
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}

// ─── frames ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const uint8 = fc.integer({ min: 0, max: 0xff })
const uint16 = fc.integer({ min: 0, max: 0xffff })
const uint32 = fc.oneof(
  fc.integer({ min: 0, max: 0xffff_ffff }),
  fc.constantFrom(0, 0x7fff_ffff, 0xffff_ffff),
)
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const anyOffset = fc.nat(MARGIN)
/** Most of them have a name. */
const anyOpcode = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...Object.values(Op)) }, uint8)

/** Bytes that are cheap to make, however many there are. */
const bytesOf = (length: fc.Arbitrary<number>): fc.Arbitrary<Buffer> =>
  fc.tuple(length, uint32).map(([count, seed]) => pattern(count, seed))
/** Numbers of any size, including the limits. */
const wordsOf = (length: number): fc.Arbitrary<Buffer> =>
  fc
    .array(uint32, { minLength: length / 4, maxLength: length / 4 })
    .map((words) => Buffer.concat(words.map(uint32Bytes)))
const between = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max })

type Parts = Pick<RequestFrame, 'extras' | 'key' | 'value'>

function frameWith(
  opcode: fc.Arbitrary<number>,
  parts: { [Name in keyof Parts]: fc.Arbitrary<Buffer> },
): fc.Arbitrary<RequestFrame> {
  const numbers = { opcode, dataType: uint8, vbucket: uint16, opaque: uint32, cas: uint64 }
  return fc.record({ magic: fc.constant(REQUEST_MAGIC as 0x80), ...numbers, ...parts })
}

/** Parts of any length, in or out of order. */
const anyFrame = anyOpcode.chain((opcode) =>
  frameWith(fc.constant(opcode), {
    extras: bytesOf(fc.oneof(extrasLengths(opcode), fc.constantFrom(0, 4, 8, 20), uint8)),
    key: bytesOf(fc.oneof(between(0, 3), between(KEY_LENGTH_MAX - 2, 300), between(0, 300))),
    value: bytesOf(fc.oneof(fc.constant(0), between(0, 3), between(0, VALUE_LENGTH_MAX))),
  }),
)

/** Parts as the opcode wants them. */
function wellFormed(opcode: number, valueLengths = between(0, VALUE_LENGTH_MAX)): fc.Arbitrary<RequestFrame> {
  return frameWith(fc.constant(opcode), {
    extras: extrasLengths(opcode).chain(wordsOf),
    key: bytesOf(keyLengths(opcode)),
    value: bytesOf(takesValue(opcode) ? valueLengths : fc.constant(0)),
  })
}

const smallFrame = (opcode: number): fc.Arbitrary<RequestFrame> => wellFormed(opcode, between(0, 100))

/** An opcode without a value is replaced by one without a name, which accepts everything. */
const longFrame = (opcode: number): fc.Arbitrary<RequestFrame> =>
  wellFormed(takesValue(opcode) ? opcode : NAMELESS, between(READ_LENGTH, VALUE_LENGTH_MAX))

const NAMELESS = 0xfe
const takesValue = (opcode: number): boolean => rowOf(opcode)?.value !== 'none'

function extrasLengths(opcode: number): fc.Arbitrary<number> {
  const row = rowOf(opcode)
  if (row === undefined) return fc.constantFrom(0, 4, 8, 20, 24)
  const length = row.extras.reduce((sum, name) => sum + EXTRA_LENGTHS[name], 0)
  return row.extrasAreOptional ? fc.constantFrom(0, length) : fc.constant(length)
}

function keyLengths(opcode: number): fc.Arbitrary<number> {
  const presence = rowOf(opcode)?.key ?? 'optional'
  return presence === 'none' ? fc.constant(0) : between(presence === 'required' ? 1 : 0, KEY_LENGTH_MAX)
}
