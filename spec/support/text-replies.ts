import type { Wire } from './transcript.js'

/** What a transcript needs of text and meta. Replies are lines, and some lines are followed by a value. */
export const TEXT_WIRE: Wire = {
  fence: line('mg fence Ofe0cefe0 k'),
  fenceReply: line('EN Ofe0cefe0 kfence'),
  clear: line('flush_all noreply'),
  split: splitReplies,
  casOf: (reply) =>
    BigInt(
      /^(?:VALUE \S+ \d+ \d+ (\d+)|\S\S(?: \S+)*? c(\d+))/.exec(headOf(reply))?.slice(1).find(Boolean) ?? 0,
    ),
  show: (reply, nameOfCas = String) =>
    JSON.stringify(
      clipped(
        reply
          .toString('latin1')
          .replace(
            /^(\S\S(?: \S+)*? c)(\d+)/,
            (_, before: string, cas: string) => before + nameOfCas(BigInt(cas)),
          )
          .replace(
            /(VALUE \S+ \d+ \d+ )(\d+)(?=\r\n)/g,
            (_, before: string, cas: string) => before + nameOfCas(BigInt(cas)),
          ),
      ),
    ),
}

export function line(text: string): Buffer {
  return Buffer.from(`${text}\r\n`, 'latin1')
}

const headOf = (reply: Buffer): string => reply.toString('latin1', 0, Math.max(0, reply.indexOf('\r\n')))

const SHOWN_LENGTH_MAX = 200

const clipped = (text: string): string =>
  text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}… (${text.length} bytes)` : text

/** One by one: the values of one `get` are one reply, with the END after them. An incomplete rest comes last. */
function splitReplies(bytes: Buffer): Buffer[] {
  const replies: Buffer[] = []
  let start = 0
  let at = 0
  while (at < bytes.length) {
    const feed = bytes.indexOf('\r\n', at)
    const head = feed < 0 ? '' : bytes.toString('latin1', at, feed)
    const [word, ...rest] = head.split(' ')
    const valueLength = word === 'VALUE' ? rest[2] : word === 'VA' ? rest[0] : undefined
    at = feed < 0 ? bytes.length : feed + 2 + (valueLength === undefined ? 0 : Number(valueLength) + 2)
    if (word === 'VALUE' || word === 'STAT') continue
    replies.push(bytes.subarray(start, at))
    start = at
  }
  if (start < bytes.length) replies.push(bytes.subarray(start))
  return replies
}
