import type { ReplyMessage } from '../../protocol/client/reply-message.js'

/**
 * Whether the item is one that `mg` with the flag N has made for a caller that loads the value: it is empty, and has the mark W
 * or Z. Only meta says so.
 */
export function isPlaceholder(reply: ReplyMessage): boolean {
  if (reply.valueEnd > reply.valueStart || reply.code === '') return false
  return reply.text.split(' ').some((flag) => flag === 'W' || flag === 'Z')
}
