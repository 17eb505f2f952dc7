import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import {
  BODY_LENGTH,
  EXTRAS_LENGTH,
  HEADER_LENGTH,
  KEY_LENGTH,
  OPCODE,
  STATUS,
} from '../../../lib/protocol/binary/header.js'
import { opcodeOf, requestFrame } from './frames.js'
import { HOST } from './server.js'

/** Receives every reply except the last, as a whole frame. */
type OnReply = (frame: Buffer) => void

const NOOP = opcodeOf('noop')
const REPLY_MS_MAX = 60_000
const NOTHING = Buffer.alloc(0)

/** A connection for one exchange after the other: requests, the last one a NOOP, and their replies. */
export class Client {
  private readonly socket: Socket
  private lastOpcode = NOOP
  private onReply: OnReply = refuse
  private onEnd: () => void = () => {}
  private onError: (error: Error) => void = () => {}
  /** The beginning of an incomplete reply. */
  private rest: Buffer = NOTHING

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => this.onData(chunk))
    socket.setTimeout(REPLY_MS_MAX, () => socket.destroy())
    socket.on('error', (error) => this.onError(error))
    socket.on('close', () => this.onError(new Error('the server does not answer, or has hung up')))
  }

  static async connect(port: number): Promise<Client> {
    const socket = connect({ port, host: HOST, noDelay: true })
    await once(socket, 'connect')
    return new Client(socket)
  }

  /**
   * Sends requests, and resolves when the last one is answered. If all requests before the NOOP are quiet, a caller needs
   * no `onReply`: a reply to them is an error. `lastOpcode` is the last request if it is not a NOOP.
   */
  exchange(requests: Buffer, onReply: OnReply = refuse, lastOpcode = NOOP): Promise<void> {
    this.onReply = onReply
    this.lastOpcode = lastOpcode
    return new Promise((resolve, reject) => {
      this.onEnd = resolve
      this.onError = reject
      this.socket.write(requests)
    })
  }

  async statistic(name: string, group = ''): Promise<number> {
    const ask = Buffer.concat([requestFrame('stat', { key: Buffer.from(group) }), requestFrame('noop', {})])
    let value: string | undefined
    await this.exchange(ask, (frame) => {
      const keyStart = HEADER_LENGTH + frame[EXTRAS_LENGTH]!
      const valueStart = keyStart + frame.readUInt16BE(KEY_LENGTH)
      if (frame.toString('latin1', keyStart, valueStart) === name)
        value = frame.toString('latin1', valueStart)
    })
    if (value === undefined) throw new Error(`the server has no statistic ${name}`)
    return Number(value)
  }

  close(): void {
    this.socket.destroy()
  }

  private onData(chunk: Buffer): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    let start = 0
    while (bytes.length - start >= HEADER_LENGTH) {
      const end = start + HEADER_LENGTH + bytes.readUInt32BE(start + BODY_LENGTH)
      if (end > bytes.length) break
      this.onFrame(bytes.subarray(start, end))
      start = end
    }
    this.rest = bytes.subarray(start)
  }

  private onFrame(frame: Buffer): void {
    try {
      if (frame[OPCODE] === this.lastOpcode) this.onEnd()
      else this.onReply(frame)
    } catch (error) {
      this.onError(error as Error)
    }
  }
}

export function statusOf(frame: Buffer): number {
  return frame.readUInt16BE(STATUS)
}

function refuse(frame: Buffer): void {
  const text = frame.toString(
    'latin1',
    HEADER_LENGTH + frame[EXTRAS_LENGTH]! + frame.readUInt16BE(KEY_LENGTH),
  )
  throw new Error(`the server answers opcode ${frame[OPCODE]} with status ${statusOf(frame)}: ${text}`)
}
