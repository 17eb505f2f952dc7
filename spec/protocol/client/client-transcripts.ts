/**
 * Requests as a client encodes them, with the bytes that are expected on the wire, and the messages that it decodes from
 * what a server sends. Each transcript is played to keepcached and to memcached, and what they send is decoded whole, byte by
 * byte, and cut in two before each byte.
 */
import { expect } from 'chai'
import { Output } from '../../../lib/net/codecs/output.js'
import type { ClientCodec } from '../../../lib/protocol/client/client-codec.js'
import { RequestError } from '../../../lib/protocol/client/request-error.js'
import { RequestMessage } from '../../../lib/protocol/client/request-message.js'
import type { ServerProcess } from '../../support/server.js'
import { decodeAll, showReply } from './show-reply.js'

export type Fields = Partial<RequestMessage>

export interface Exchange {
  /** The request; for one that names a cas, a function of the last cas that was read. */
  readonly ask: Fields | ((cas: bigint) => Fields)
  /** What is sent; not given if it depends on a cas. */
  readonly wire?: string | Buffer
  readonly replies: readonly string[]
}

export function encode(codec: ClientCodec, fields: Fields): Buffer {
  const output = new Output()
  codec.encode(Object.assign(new RequestMessage(), fields), output)
  const { byteLength } = output
  const bytes = Buffer.concat(output.takePieces())
  expect(bytes.length).equal(byteLength)
  return bytes
}

/** A request whose reply cannot be mistaken for another. */
export interface Fence {
  readonly request: Buffer
  readonly reply: Buffer
}

/** Plays the exchanges one by one, and compares. Returns all that was received. */
export async function play(
  server: ServerProcess,
  createCodec: () => ClientCodec,
  fence: Fence,
  exchanges: readonly Exchange[],
): Promise<void> {
  const connection = await server.connect()
  const received: Buffer[] = []
  const expected = exchanges.flatMap(({ replies }) => replies)
  let cas = 0n
  try {
    for (const { ask, replies } of exchanges) {
      const fields = typeof ask === 'function' ? ask(cas) : ask
      connection.send(Buffer.concat([encode(createCodec(), fields), fence.request]))
      const bytes = await connection.receiveUntil(fence.reply)
      const reply = bytes.subarray(0, bytes.length - fence.reply.length)
      const shown = decodeAll(createCodec(), [reply], (message) => {
        if (message.cas !== 0n) cas = message.cas
        return showReply(message)
      })
      expect(shown, `${JSON.stringify(String(reply))}`).deep.equal(replies)
      received.push(reply)
    }
  } finally {
    connection.close()
  }
  expectSameHoweverCut(createCodec, Buffer.concat(received), expected)
}

export function expectSameHoweverCut(
  createCodec: () => ClientCodec,
  bytes: Buffer,
  expected: readonly string[],
): void {
  expect(decodeAll(createCodec(), [bytes])).deep.equal(expected)
  const crumbs = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1))
  expect(decodeAll(createCodec(), crumbs), 'in single bytes').deep.equal(expected)
  for (let at = 1; at < bytes.length; at++) {
    const shown = decodeAll(createCodec(), [bytes.subarray(0, at), bytes.subarray(at)])
    // Compared as text: thousands of deep comparisons would take long.
    if (shown.join('\n') !== expected.join('\n')) expect(shown, `cut before byte ${at}`).deep.equal(expected)
  }
}

/** Specifies what is sent. */
export function specifyWire(createCodec: () => ClientCodec, exchanges: readonly Exchange[]): void {
  for (const { ask, wire } of exchanges) {
    if (wire === undefined || typeof ask === 'function') continue
    const expected = Buffer.from(wire as Buffer).toString('latin1')
    it(`sends ${JSON.stringify(expected).slice(0, SHOWN_LENGTH_MAX)}`, () => {
      expect(encode(createCodec(), ask).toString('latin1')).equal(expected)
    })
  }
}

const SHOWN_LENGTH_MAX = 100

/** Specifies which requests the protocol cannot express: nothing of them is written. */
export function specifyRefusals(
  createCodec: () => ClientCodec,
  refused: Readonly<Record<string, Fields>>,
): void {
  describe('refuses what the protocol cannot express:', () => {
    for (const [what, fields] of Object.entries(refused))
      it(what, () => {
        const output = new Output()
        const request = Object.assign(new RequestMessage(), fields)
        expect(() => createCodec().encode(request, output)).throw(RequestError)
        expect(output.byteLength).equal(0)
      })
  })
}
