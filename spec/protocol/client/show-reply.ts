import { NEED_MORE } from '../../../lib/net/codecs/codec.js'
import { Input } from '../../../lib/net/codecs/input.js'
import type { ClientCodec } from '../../../lib/protocol/client/client-codec.js'
import { ReplyKind, type ReplyMessage } from '../../../lib/protocol/client/reply-message.js'
import { Status } from '../../../lib/request/status.js'

const nameIn = (names: Readonly<Record<string, number>>, value: number): string =>
  Object.entries(names).find(([, number]) => number === value)![0]

/** A message in words: `OK VA key=sky value=blue f7 cas #9 text=f7 #9`. Of a cas only whether there is one, of a version only that it is 1.6. */
export function showReply(reply: ReplyMessage): string {
  const { kind, status, code, clientFlags, opaque, hasOpaque, hasValue } = reply
  const words = [kind === ReplyKind.RESULT ? nameIn(Status, status) : nameIn(ReplyKind, kind)]
  if (code !== '') words.push(code)
  if (reply.keyEnd > reply.keyStart) words.push(`key=${show(reply.key)}`)
  if (reply.isBase64Key) words.push('base64')
  if (hasValue) words.push(`value=${show(reply.value)}`)
  if (clientFlags !== 0) words.push(`f${clientFlags}`)
  if (reply.cas !== 0n) words.push('cas')
  if (hasOpaque && opaque !== 0) words.push(`#${opaque}`)
  if (reply.textEnd > reply.textStart) words.push(`text=${reply.text.replace(/\bc\d+/, 'c…')}`)
  return words.join(' ').replaceAll(/\b1\.6\.\d+/g, '1.6')
}

const SHOWN_LENGTH_MAX = 40

function show(bytes: Buffer): string {
  if (bytes.length > SHOWN_LENGTH_MAX) return `${bytes.length} bytes`
  const text = bytes.toString('latin1')
  return /^[\x20-\x7e]*$/.test(text) ? text : `0x${bytes.toString('hex')}`
}

/** Decodes all messages of bytes that arrive in these pieces. Throws if some bytes are left. */
export function decodeAll(codec: ClientCodec, pieces: readonly Buffer[], showOne = showReply): string[] {
  const shown: string[] = []
  const input = new Input(Buffer.alloc(0))
  for (const piece of pieces) {
    // As a connection does that moves the rest to the beginning of another buffer.
    input.bytes = Buffer.concat([input.bytes.subarray(input.start, input.end), piece])
    input.start = 0
    input.end = input.bytes.length
    while (input.start < input.end && input.end - input.start >= input.neededLength) {
      const { start } = input
      const reply = codec.decode(input)
      if (reply === NEED_MORE) {
        if (input.start !== start) throw new Error('an incomplete message has moved the start')
        break
      }
      if (input.start <= start || input.start > input.end) throw new Error('the start has not moved')
      shown.push(showOne(reply))
    }
  }
  if (input.start < input.end) throw new Error(`${input.end - input.start} bytes are left`)
  return shown
}
