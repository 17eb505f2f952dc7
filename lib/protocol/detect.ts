import { binary } from './binary/binary.js'
import { REQUEST_MAGIC } from './binary/header.js'
import type { Protocol } from './protocol.js'
import { text } from './text/text.js'

/** Which protocols a server speaks: both, or one of them alone. */
export type ProtocolChoice = 'auto' | 'ascii' | 'binary'

/**
 * The protocol of a connection, by the first byte that comes over it. One that is not spoken here finds its own way
 * out.
 */
export function detectProtocol(choice: ProtocolChoice, firstByte: number): Protocol {
  if (choice === 'auto') return firstByte === REQUEST_MAGIC ? binary : text
  return choice === 'binary' ? binary : text
}
