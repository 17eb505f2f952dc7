import type { Arena } from '../../arena/arena.js'
import type { Output } from '../../arena/output.js'
import type { Reply } from '../../request/reply.js'
import { LINE_END_LENGTH, writeLineEnd, writeText } from '../write.js'

export function encodeLine(arena: Arena, output: Output, text: string): void {
  output.ensure(text.length + LINE_END_LENGTH)
  output.cursor = writeLineEnd(arena.bytes, writeText(arena.bytes, output.cursor, text))
}

/** The value and the end of its line. */
export function encodeValue(arena: Arena, reply: Reply, output: Output, linkFrom: number): void {
  const { value } = reply
  const isLinked = reply.valueLength > linkFrom
  for (let index = 0; index < value.count; index++) {
    if (isLinked) output.link(value.starts[index]!, value.lengths[index]!)
    else output.copy(arena, value.starts[index]!, value.lengths[index]!)
  }
  output.ensure(LINE_END_LENGTH)
  output.cursor = writeLineEnd(arena.bytes, output.cursor)
}
