import type { ClientProtocol } from '../../../lib/client/index.js'
import type { Random } from '../../support/random.js'

/** Replies that wait to be exchanged with those of another connection. */
export type Pot = Buffer[]

export interface Liar {
  readonly random: Random
  readonly protocol: ClientProtocol
  readonly pot: Pot
}

/** What comes in place of a whole reply. A lie inside of a value is one that no client can find out. */
export type Lie = (reply: Buffer, liar: Liar) => readonly Buffer[]

export const LIES: Readonly<Record<string, Lie>> = {
  'inserts garbage': (reply, liar) => [garbage(liar), reply],
  'sends a reply twice': (reply) => [reply, reply],
  'removes a reply': () => [],
  'swaps replies of two connections': (reply, { pot }) => {
    pot.push(Buffer.from(reply))
    return pot.length > POT_LENGTH ? [pot.shift()!] : [reply]
  },
  'replies with an error': (reply, liar) => [error(reply, liar)],
}

function garbage({ random, protocol }: Liar): Buffer {
  if (random.chance(0.5)) return random.bytes(1 + random.below(100))
  return protocol === 'binary' ? frame(0x00, 0, random.below(100)) : Buffer.from(random.pick(LINES))
}

function error(reply: Buffer, { random, protocol }: Liar): Buffer {
  if (protocol === 'binary') return frame(reply[1]!, random.pick(STATUSES), reply.readUInt32BE(12))
  return Buffer.from(random.pick(ERRORS))
}

/** A reply with the value "lie", and the extras that a get has. */
function frame(opcode: number, status: number, opaque: number): Buffer {
  const bytes = Buffer.alloc(24 + 4 + 3)
  bytes[0] = 0x81
  bytes[1] = opcode
  bytes[4] = status === 0 ? 4 : 0
  bytes.writeUInt16BE(status, 6)
  bytes.writeUInt32BE(status === 0 ? 7 : 3, 8)
  bytes.writeUInt32BE(opaque, 12)
  bytes.write('lie', status === 0 ? 28 : 24)
  return status === 0 ? bytes : bytes.subarray(0, 27)
}

const POT_LENGTH = 3
const STATUSES = [0x01, 0x02, 0x04, 0x05, 0x06, 0x20, 0x81, 0x82, 0x84, 0x86]
const ERRORS = [
  'ERROR\r\n',
  'SERVER_ERROR out of memory storing object\r\n',
  'CLIENT_ERROR bad data chunk\r\n',
  'CLIENT_ERROR unauthenticated\r\n',
]
const LINES = [
  'VALUE lie 0 3\r\nlie\r\n',
  'VA 3 f0 klie O7\r\nlie\r\n',
  'VA 3 f0\r\nlie\r\n',
  'STORED\r\n',
  'HD O9\r\n',
  'EN\r\n',
  'MN\r\n',
  'END\r\n',
  '42\r\n',
  'lie\r\n',
  'STAT lie 1\r\n',
]
