import type { Arena } from '../../arena/arena.js'
import { SPACE } from '../../arena/ascii.js'
import type { Request } from '../../request/request.js'
import { Trait } from '../../request/trait.js'

/** Whether a line of the meta protocol has an opaque. */
export const hasOpaque = (arena: Arena, request: Request): boolean => opaqueStart(arena, request) >= 0

/** Changes the opaque of a request before it is run, so that its reply has another one than the client sent. */
export function changeOpaque(arena: Arena, request: Request): void {
  request.opaque = ~request.opaque
  const at = opaqueStart(arena, request)
  if (at >= 0) arena.bytes[at] = arena.bytes[at] === ZERO ? ONE : ZERO
}

/** Where the opaque of a line of the meta protocol begins, after its letter; -1 if it has none. */
function opaqueStart({ bytes }: Arena, { traits, flagsStart, flagsEnd }: Request): number {
  if ((traits & Trait.META) === 0) return -1
  for (let at = flagsStart; at + 1 < flagsEnd; at++) {
    const isOpaque = bytes[at] === OPAQUE && (at === flagsStart || bytes[at - 1] === SPACE)
    if (isOpaque && bytes[at + 1] !== SPACE) return at + 1
  }
  return -1
}

const OPAQUE = 'O'.charCodeAt(0)
const ZERO = '0'.charCodeAt(0)
const ONE = '1'.charCodeAt(0)
