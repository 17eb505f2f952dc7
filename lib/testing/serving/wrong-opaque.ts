import type { Arena } from '../../arena/arena.js'
import { SPACE } from '../../arena/ascii.js'
import type { Request } from '../../request/request.js'
import { Trait } from '../../request/trait.js'

/** Changes the opaque of a request before it is run, so that its reply has another one than the client sent. */
export function changeOpaque(arena: Arena, request: Request): void {
  request.opaque = ~request.opaque
  if ((request.traits & Trait.META) === 0) return
  const { bytes } = arena
  for (let at = request.flagsStart; at + 1 < request.flagsEnd; at++) {
    const isOpaque = bytes[at] === OPAQUE && (at === request.flagsStart || bytes[at - 1] === SPACE)
    if (isOpaque && bytes[at + 1] !== SPACE) bytes[at + 1] = bytes[at + 1] === ZERO ? ONE : ZERO
  }
}

const OPAQUE = 'O'.charCodeAt(0)
const ZERO = '0'.charCodeAt(0)
const ONE = '1'.charCodeAt(0)
