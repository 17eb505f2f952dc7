import { BODY_LENGTH, EXTRAS_LENGTH, KEY_LENGTH, MAGIC } from '../../protocol/binary/header.js'
import {
  encodeFrame,
  type Frame,
  FrameError,
  FrameReader,
  REPLY_MAGIC,
  type ReplyFrame,
  reply,
  request,
} from '../../protocol/index.js'
import { type Connection, ConnectionError } from '../client/connection.js'
import { describeFrame } from '../wire/describe-frame.js'
import type { Answer, Ask, Exchange, Judge, Key } from './binary-steps.js'
import type { CasNames } from './cas-names.js'
import { CheckFailure, CLOSED, SILENCE } from './failure.js'
import type { Keys } from './keys.js'
import { sendFenced } from './send-fenced.js'
import type { ServerFacts } from './server-facts.js'

const FENCE_OPAQUE = 0xfe0cefe0
/** A request with an unmistakable reply: every reply before it has then arrived. */
const FENCE = encodeFrame(request('noop', { opaque: FENCE_OPAQUE }))

/** Runs the exchanges of one check over one connection. */
export class BinaryPlayer {
  private readonly connection: Connection
  private readonly keys: Keys
  private readonly checkName: string
  private readonly casNames: CasNames
  private readonly facts: ServerFacts
  private readonly reader = new FrameReader()
  private opaque = FIRST_OPAQUE

  constructor(connection: Connection, checkName: string, keys: Keys, casNames: CasNames, facts: ServerFacts) {
    this.connection = connection
    this.checkName = checkName
    this.keys = keys
    this.casNames = casNames
    this.facts = facts
  }

  async play(exchange: Exchange): Promise<void> {
    const asked = exchange.requests.map((each) => this.frameOf(each))
    const bytes = Buffer.concat(asked.map((frame, index) => disguised(frame, exchange.requests[index]!)))
    await this.send(bytes, exchange)
    const got = await this.receive(exchange.isLast)
    const complaint = this.complaintAbout(got, exchange, asked)
    if (complaint === undefined) return
    throw new CheckFailure({
      sent: asked.map(shown),
      expected: complaint,
      got: got.length === 0 ? [SILENCE] : got.map(shown),
    })
  }

  private async send(bytes: Buffer, { isLast, isCut }: Exchange): Promise<void> {
    if (!isCut) return sendFenced(this.connection, bytes, isLast ? undefined : FENCE)
    for (const byte of isLast ? bytes : Buffer.concat([bytes, FENCE])) {
      this.connection.send(Buffer.of(byte))
      await new Promise(setImmediate)
    }
  }

  /** Everything up to the fence, or up to the end of the stream. Bytes that are not a frame come last, as a text. */
  private async receive(isLast: boolean): Promise<(Frame | string)[]> {
    const got: (Frame | string)[] = []
    try {
      while (true) {
        const frame = this.reader.read()
        if (frame !== undefined && isFence(frame)) return got
        if (frame !== undefined) got.push(frame)
        else if (!(await this.readMore())) return [...got, CLOSED]
      }
    } catch (error) {
      if (error instanceof FrameError) return [...got, `(bytes that are not a frame: ${error.message})`]
      if (error instanceof ConnectionError)
        return [...got, isLast ? `(no end: ${error.message})` : `(${error.message})`]
      throw error
    }
  }

  private async readMore(): Promise<boolean> {
    const chunk = await this.connection.read()
    if (chunk !== undefined) this.reader.push(chunk)
    return chunk !== undefined
  }

  /** What was expected instead, or undefined if the replies are right. */
  private complaintAbout(
    got: readonly (Frame | string)[],
    { replies, isLast }: Exchange,
    asked: readonly Frame[],
  ): string[] | undefined {
    if (isJudge(replies)) return judge(replies, got)
    const expected = replies.map((answer) => this.expectationOf(answer, asked))
    const isRight =
      got.length === expected.length + (isLast ? 1 : 0) &&
      (!isLast || got.at(-1) === CLOSED) &&
      expected.every((each, index) => this.isAsExpected(got[index]!, each, replies[index]!))
    if (isRight) return undefined
    const lines = expected.map((frame, index) => describeExpected(frame, replies[index]!))
    if (isLast) lines.push(CLOSED)
    return lines.length === 0 ? [SILENCE] : lines
  }

  private isAsExpected(got: Frame | string, expected: ReplyFrame, { cas }: Answer): boolean {
    if (typeof got === 'string') return false
    if (cas !== undefined && !this.casNames.accepts(cas, got.cas)) return false
    const same = cas === undefined ? expected : { ...expected, cas: got.cas }
    return encodeFrame(got).equals(encodeFrame(same))
  }

  private frameOf(asked: Ask): Frame {
    const { opcode, casNumber, cas, vbucket, dataType, extras, opaque = this.opaque++ } = asked
    return request(opcode, {
      key: this.keyBytes(asked.key),
      value: this.valueOf(asked),
      cas: casNumber ?? (cas === undefined ? 0n : this.casNames.valueOf(cas)),
      opaque,
      vbucket,
      dataType,
      extras,
    })
  }

  private expectationOf(answer: Answer, asked: readonly Frame[]): ReplyFrame {
    const { opcode, status, extras, to } = answer
    const { opaque } = asked[to]!
    return reply(opcode, {
      status,
      extras,
      opaque,
      key: this.keyBytes(answer.key),
      value: this.valueOf(answer),
    })
  }

  private valueOf({ value = '', valueLength }: Ask | Answer): Buffer {
    if (valueLength === 'too long') return Buffer.alloc(this.facts.itemSizeMax + 1, 'x')
    if (valueLength !== undefined) return Buffer.alloc(valueLength, 'x')
    return typeof value === 'string' ? Buffer.from(value, 'latin1') : Buffer.from(value)
  }

  private keyBytes(key: Key | undefined): Buffer {
    if (key === undefined) return Buffer.alloc(0)
    if (typeof key === 'string') return Buffer.from(this.keys.key(this.checkName, key), 'latin1')
    if ('raw' in key) return Buffer.from(key.raw, 'latin1')
    return Buffer.from(this.keys.key(this.checkName, key.name, key.length), 'latin1')
  }
}

/** An opaque of four different bytes. */
const FIRST_OPAQUE = 0xa1b2c301

const isFence = ({ magic, opaque }: Frame): boolean => magic === REPLY_MAGIC && opaque === FENCE_OPAQUE
const shown = (message: Frame | string): string =>
  typeof message === 'string' ? message : describeFrame(message)
const isJudge = (replies: readonly Answer[] | Judge): replies is Judge => 'complaint' in replies

function judge({ complaint, expected }: Judge, got: readonly (Frame | string)[]): string[] | undefined {
  const frames = got.filter(
    (each): each is ReplyFrame => typeof each !== 'string' && each.magic === REPLY_MAGIC,
  )
  const said = frames.length === got.length ? complaint(frames) : 'these are not replies'
  return said === undefined ? undefined : [expected, `(${said})`]
}

/** Every field, because any of them may be wrong; for a cas its name. */
function describeExpected(frame: ReplyFrame, { cas }: Answer): string {
  return `${describeFrame(frame)}${cas === undefined ? '' : ` cas=${cas === 'any' ? 'any but 0' : `the one called ${cas}`}`}`
}

/** The bytes of a request, with the fields of the header overridden. */
function disguised(frame: Frame, { lengths = {}, magic }: Ask): Buffer {
  const bytes = encodeFrame(frame)
  if (magic !== undefined) bytes.writeUInt8(magic, MAGIC)
  if (lengths.keyLength !== undefined) bytes.writeUInt16BE(lengths.keyLength, KEY_LENGTH)
  if (lengths.extrasLength !== undefined) bytes.writeUInt8(lengths.extrasLength, EXTRAS_LENGTH)
  if (lengths.bodyLength !== undefined) bytes.writeUInt32BE(lengths.bodyLength, BODY_LENGTH)
  return bytes
}
