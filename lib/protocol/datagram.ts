/**
 * The header of requests and replies in a datagram, four numbers of 16 bits, big-endian:
 *
 *     0            2          4       6          8
 *     ┌────────────┬──────────┬───────┬──────────┬─────────────────────────┐
 *     │ request id │ sequence │ count │ reserved │ requests, or replies    │
 *     └────────────┴──────────┴───────┴──────────┴─────────────────────────┘
 *
 * A request is one datagram. Replies use as many as necessary, numbered from 0; each has their count.
 */
export const DATAGRAM_HEADER_LENGTH = 8

const REQUEST_ID = 0
const SEQUENCE = 2
const COUNT = 4

/** With the header, so that each fits into one ethernet frame. */
const DATAGRAM_LENGTH_MAX = 1400
const PAYLOAD_LENGTH_MAX = DATAGRAM_LENGTH_MAX - DATAGRAM_HEADER_LENGTH

/** The reply to bytes that are not a request, or only a part of one. */
export const NO_REQUEST = -1

/** The request id of a datagram, or NO_REQUEST. */
export function requestIdOf(datagram: Buffer): number {
  if (datagram.length <= DATAGRAM_HEADER_LENGTH || datagram.readUInt16BE(COUNT) !== 1) return NO_REQUEST
  return datagram.readUInt16BE(REQUEST_ID)
}

/** Replies to a request as datagrams. None if there is nothing to send. */
export function encodeDatagrams(requestId: number, replies: Buffer): Buffer[] {
  const count = Math.ceil(replies.length / PAYLOAD_LENGTH_MAX)
  return Array.from({ length: count }, (_, sequence) => {
    const start = sequence * PAYLOAD_LENGTH_MAX
    const payload = replies.subarray(start, start + PAYLOAD_LENGTH_MAX)
    const datagram = Buffer.alloc(DATAGRAM_HEADER_LENGTH + payload.length)
    datagram.writeUInt16BE(requestId, REQUEST_ID)
    datagram.writeUInt16BE(sequence, SEQUENCE)
    datagram.writeUInt16BE(count, COUNT)
    payload.copy(datagram, DATAGRAM_HEADER_LENGTH)
    return datagram
  })
}
