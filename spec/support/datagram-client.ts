import dgram from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

/** Sends requests in datagrams, and takes the replies as they come. */
export class DatagramClient {
  private readonly socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 })
  private readonly received: Buffer[] = []
  private readonly port: number

  private constructor(port: number) {
    this.port = port
    this.socket.on('message', (datagram) => this.received.push(datagram))
  }

  static async open(port: number): Promise<DatagramClient> {
    const client = new DatagramClient(port)
    client.socket.bind(0, '127.0.0.1')
    await once(client.socket, 'listening')
    return client
  }

  /** A request after the eight bytes with its id, and the number of datagrams. */
  send(id: number, payload: Buffer, count = 1): void {
    this.sendRaw(Buffer.concat([header(id, 0, count), payload]))
  }

  sendRaw(datagram: Buffer): void {
    this.socket.send(datagram, this.port, '127.0.0.1')
  }

  /** The next datagrams, as many as the first of them announces. */
  async receive(): Promise<Buffer[]> {
    const deadline = Date.now() + PATIENCE_MS
    while (this.received.length < (this.received[0]?.readUInt16BE(4) ?? 1)) {
      if (Date.now() > deadline) throw new Error(`only ${this.received.length} datagrams came`)
      await sleep(1)
    }
    return this.received.splice(0, this.received[0]!.readUInt16BE(4))
  }

  /** The payload of the reply to a request. */
  async ask(id: number, payload: Buffer): Promise<Buffer> {
    this.send(id, payload)
    const datagrams = await this.receive()
    return Buffer.concat(datagrams.map((datagram) => datagram.subarray(HEADER_LENGTH)))
  }

  close(): void {
    this.socket.close()
  }
}

export function header(id: number, sequence: number, count: number): Buffer {
  const bytes = Buffer.alloc(HEADER_LENGTH)
  bytes.writeUInt16BE(id, 0)
  bytes.writeUInt16BE(sequence, 2)
  bytes.writeUInt16BE(count, 4)
  return bytes
}

const HEADER_LENGTH = 8
const PATIENCE_MS = 30_000
