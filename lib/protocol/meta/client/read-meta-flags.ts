import type { ReplyMessage } from '../../client/reply-message.js'

/** The flags of a meta reply: the argument of each letter, '' for those without one, such as `W`. */
export type MetaFlags = { readonly [letter in string]?: string }

/**
 * Reads all flags of a meta reply, also those that this version does not know. The record of `VA 4 f0 t-1 W` is
 * `{ f: '0', t: '-1', W: '' }`. Makes strings: the fields of a reply have what is needed often.
 */
export function readMetaFlags(reply: ReplyMessage): MetaFlags {
  const flags: Record<string, string> = {}
  if (reply.code === '') return flags
  const { bytes, textStart, textEnd } = reply
  for (const word of bytes.toString('latin1', textStart, textEnd).split(' ')) {
    if (word !== '') flags[word[0]!] = word.slice(1)
  }
  return flags
}
