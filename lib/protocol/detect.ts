import type { ProtocolChoice } from '../request/session.js'
import { binary } from './binary/binary.js'
import { REQUEST_MAGIC } from './binary/header.js'
import type { Protocol } from './protocol.js'
import { text } from './text/text.js'

/**
 * The protocol of a connection, by its first byte. A connection with a protocol that the server does not accept
 * fails in the decoder of the other one.
 */
export function detectProtocol(choice: ProtocolChoice, firstByte: number): Protocol {
  if (choice === 'auto') return firstByte === REQUEST_MAGIC ? binary : text
  return choice === 'binary' ? binary : text
}
