import { END } from './binary-transcript.js'
import { type ServerOptions, useServer } from './server.js'
import { TEXT_WIRE } from './text-replies.js'
import { type Exchange, type Message, specify, type Wire } from './transcript.js'

export { END }

/**
 * A request and every reply to it, each without the end of its last line. A cas has a name in braces: `gets k` answers
 * `VALUE k 0 1 {first}`. With END the server closes the connection after its replies.
 */
export type TextLine = readonly [request: string, ...replies: (string | typeof END)[]]

/** Starts a server for the suite. The returned function specifies text and meta, line by line. */
export function useTextTranscripts(
  given: ServerOptions = {},
  wire: Wire = TEXT_WIRE,
): (title: string, lines: readonly TextLine[]) => void {
  const server = useServer(given)
  return (title, lines) => specify(title, server, wire, lines.map(exchangeOf))
}

function exchangeOf([request, ...replies]: TextLine): Exchange {
  return {
    request: messageOf(request),
    replies: replies.filter((reply) => reply !== END).map(messageOf),
    isLast: replies.includes(END),
  }
}

const NAME = /\{([^}]+)\}/

function messageOf(text: string): Message {
  const casName = NAME.exec(text)?.[1]
  return { casName, bytes: (cas) => Buffer.from(`${text.replace(NAME, String(cas))}\r\n`, 'latin1') }
}
