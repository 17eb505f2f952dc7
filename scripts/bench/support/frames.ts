import {
  BODY_LENGTH,
  CAS,
  EXTRAS_LENGTH,
  HEADER_LENGTH,
  KEY_LENGTH,
  MAGIC,
  OPCODE,
  REPLY_MAGIC,
  REQUEST_MAGIC,
  STATUS,
} from '../../../lib/protocol/binary/header.js'
import { OPCODES } from '../../../lib/protocol/binary/opcodes.js'
import { STATUSES } from '../../../lib/protocol/binary/statuses.js'
import type { Status } from '../../../lib/request/status.js'

const EMPTY = Buffer.alloc(0)

interface Body {
  readonly extras?: Buffer
  readonly key?: Buffer
  readonly value?: Buffer
}

export function requestFrame(opcodeName: string, body: Body): Buffer {
  return frame(REQUEST_MAGIC, opcodeName, body)
}

/** The expected reply; its cas is 0, as the server chooses it. */
export function replyFrame(opcodeName: string, status: Status, body: Body): Buffer {
  const { code, text } = STATUSES[status]
  const reply = frame(REPLY_MAGIC, opcodeName, text === '' ? body : { value: Buffer.from(text) })
  reply.writeUInt16BE(code, STATUS)
  return reply
}

function frame(
  magic: number,
  opcodeName: string,
  { extras = EMPTY, key = EMPTY, value = EMPTY }: Body,
): Buffer {
  const header = Buffer.alloc(HEADER_LENGTH)
  header[MAGIC] = magic
  header[OPCODE] = opcodeOf(opcodeName)
  header[EXTRAS_LENGTH] = extras.length
  header.writeUInt16BE(key.length, KEY_LENGTH)
  header.writeUInt32BE(extras.length + key.length + value.length, BODY_LENGTH)
  return Buffer.concat([header, extras, key, value])
}

export function opcodeOf(name: string): number {
  const opcode = OPCODES.find((row) => row.name === name)
  if (opcode === undefined) throw new Error(`no opcode is called ${name}`)
  return opcode.code
}

/** Throws unless `received` is `expected` to the byte, the cas of each reply apart. */
export function checkReplies(expected: Buffer, received: Buffer): void {
  let start = 0
  while (start < expected.length) {
    const wanted = frameAt(expected, start)
    const reply = frameAt(received, start)
    if (!reply.equals(wanted)) throw new Error(`expected ${describe(wanted)}, received ${describe(reply)}`)
    start += wanted.length
  }
  if (received.length > expected.length)
    throw new Error(`${received.length - expected.length} bytes too many`)
}

/** A copy of the frame with a cas of 0; of an incomplete header, what there is. */
function frameAt(bytes: Buffer, start: number): Buffer {
  if (bytes.length - start < HEADER_LENGTH) return bytes.subarray(start)
  const end = start + HEADER_LENGTH + bytes.readUInt32BE(start + BODY_LENGTH)
  return Buffer.from(bytes.subarray(start, end)).fill(0, CAS, HEADER_LENGTH)
}

function describe(reply: Buffer): string {
  if (reply.length < HEADER_LENGTH) return `${reply.length} bytes`
  const status = reply.readUInt16BE(STATUS).toString(16)
  const body = reply.toString('latin1', HEADER_LENGTH, HEADER_LENGTH + 40)
  return `opcode 0x${reply[OPCODE]!.toString(16)}, status 0x${status}, ${reply.length} bytes (${JSON.stringify(body)})`
}
