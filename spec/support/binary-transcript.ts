import { BINARY_WIRE } from './binary-driver.js'
import { type FrameFields, reply, request } from './frames.js'
import { type ServerOptions, useServer } from './server.js'
import { type Exchange, type Message, specify, type Wire } from './transcript.js'

/** After the last reply: the server closes the connection. */
export const END = Symbol('end of stream')

/** A request, every reply to it, and END if the server closes the connection. */
export type Line = readonly [Message, ...(Message | typeof END)[]]

type NamedFields = FrameFields & { casName?: string }

export function ask(opcode: number, fields: NamedFields = {}): Message {
  return { casName: fields.casName, bytes: (cas) => request(opcode, { cas, ...fields }) }
}

export function answer(opcode: number, fields: NamedFields = {}): Message {
  return { casName: fields.casName, bytes: (cas) => reply(opcode, { cas, ...fields }) }
}

export function invalid(opcode: number, fields: FrameFields = {}): Message {
  return answer(opcode, { status: 0x04, value: 'Invalid arguments', ...fields })
}

export function unknown(opcode: number, fields: FrameFields = {}): Message {
  return answer(opcode, { status: 0x81, value: 'Unknown command', ...fields })
}

/** Bytes that are no frame. */
export function bytes(raw: Buffer): Message {
  return { bytes: () => raw }
}

/** Starts a server for the suite. The returned function specifies the binary protocol, frame by frame. */
export function useBinaryTranscripts(
  given: ServerOptions = {},
  wire: Wire = BINARY_WIRE,
): (title: string, lines: Line[]) => void {
  const server = useServer(given)
  return (title, lines) => specify(title, server, wire, lines.map(exchangeOf))
}

function exchangeOf([request, ...replies]: Line): Exchange {
  return { request, replies: replies.filter((reply) => reply !== END), isLast: replies.includes(END) }
}
