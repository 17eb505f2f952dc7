import type { Output } from '../../../net/codecs/output.js'
import { RequestError } from '../../client/request-error.js'
import type { MessageKey, RequestMessage } from '../../client/request-message.js'
import { keyRoom, WORD_ROOM, writeInteger, writeKey, writeValueLine } from '../../client/write-request.js'
import { LINE_END_LENGTH, writeLineEnd, writeText } from '../../write.js'

/** `verb [key] [length] [flags]`, and the value: a request in the words of the caller. `ms` alone has a value. */
export function encodeRaw(request: RequestMessage, output: Output): void {
  const { verb, key, flags, value, isBase64Key, opaque } = request
  if (verb === '') throw new RequestError('a raw request without its verb')
  output.ensure(verb.length + wireKeyRoom(key, isBase64Key) + flags.length + WORD_ROOM + ROOM)
  const { bytes } = output
  let at = writeText(bytes, output.end, verb)
  if (key.length > 0) at = writeWireKey(bytes, writeSpace(bytes, at), key, isBase64Key)
  if (verb === STORE) at = writeInteger(bytes, writeSpace(bytes, at), value.length)
  if (isBase64Key) at = writeText(bytes, at, BASE64_FLAG)
  if (flags !== '') at = writeText(bytes, writeSpace(bytes, at), flags)
  if (opaque !== 0 && TAKES_OPAQUE.has(verb))
    at = writeInteger(bytes, writeText(bytes, at, OPAQUE_FLAG), opaque)
  output.end = writeLineEnd(bytes, at)
  if (verb === STORE) writeValueLine(output, value)
}

/** A room that the key fits into, as it is or in base64. */
export const wireKeyRoom = (key: MessageKey, isBase64: boolean): number =>
  isBase64 ? 4 * (keyRoom(key) / 3 + 1) : keyRoom(key)

/** Writes the key, and returns where it ends. */
export function writeWireKey(bytes: Buffer, at: number, key: MessageKey, isBase64: boolean): number {
  if (!isBase64) return writeKey(bytes, at, key)
  const raw = typeof key === 'string' ? Buffer.from(key) : Buffer.from(key.buffer, key.byteOffset, key.length)
  return at + bytes.write(raw.toString('base64'), at, 'latin1')
}

export const BASE64_FLAG = ' b'

function writeSpace(bytes: Buffer, at: number): number {
  bytes[at] = SPACE
  return at + 1
}

const OPAQUE_FLAG = ' O'
const TAKES_OPAQUE: ReadonlySet<string> = new Set(['mg', 'ms', 'md', 'ma'])
const SPACE = 0x20
const STORE = 'ms'
/** For spaces, the flags of a key in base64 and of the opaque, and the end of the line. */
const ROOM = 3 + BASE64_FLAG.length + OPAQUE_FLAG.length + WORD_ROOM + LINE_END_LENGTH
