import dgram from 'node:dgram'
import net from 'node:net'
import type { ListenerFacts } from '../listening/listener-facts.js'
import { hostPort, openEach } from '../listening/open-each.js'

/** The sender of a datagram. */
export type Peer = Pick<dgram.RemoteInfo, 'address' | 'port'>

/** Handles a datagram. */
export type Take = (datagram: Buffer, socket: DatagramSocket, peer: Peer) => void

/** A socket that receives datagrams and sends them. */
export class DatagramSocket {
  readonly facts: ListenerFacts
  private readonly socket: dgram.Socket
  private isClosed = false

  private constructor(socket: dgram.Socket) {
    const address = socket.address() as net.AddressInfo
    const family = address.family as 'IPv4' | 'IPv6'
    this.socket = socket
    this.facts = {
      address: `udp:${hostPort(address)}`,
      family,
      port: address.port,
      isDatagram: true,
      verify: null,
    }
  }

  /** Receives datagrams at each address of a host. */
  static open(host: string | undefined, port: number, take: Take): Promise<DatagramSocket[]> {
    return openEach(host, port, UDP_PORT, (address, wanted) => DatagramSocket.bind(address, wanted, take))
  }

  private static bind(address: string, port: number, take: Take): Promise<DatagramSocket> {
    return new Promise((resolve, reject) => {
      const isIPv6 = net.isIPv6(address)
      const type = isIPv6 ? 'udp6' : 'udp4'
      const socket = dgram.createSocket({ type, ipv6Only: isIPv6, lookup: alreadyFound })
      socket.once('error', reject)
      socket.bind({ address, port, exclusive: true }, () => {
        const opened = new DatagramSocket(socket)
        socket.off('error', reject)
        // One datagram may fail without the others.
        socket.on('error', () => undefined)
        socket.on('message', (datagram, peer) => take(datagram, opened, peer))
        resolve(opened)
      })
    })
  }

  get port(): number {
    return this.facts.port
  }

  /** Sends a datagram, unless too many are being sent. A peer that claims port 0 cannot be reached. */
  send(datagram: Buffer, { address, port }: Peer): boolean {
    if (port === 0 || this.isClosed || this.socket.getSendQueueSize() > SEND_QUEUE_LENGTH_MAX) return false
    this.socket.send(datagram, port, address, () => undefined)
    return true
  }

  /** Whether listening keeps the process alive. */
  keepAlive(act: 'ref' | 'unref'): void {
    this.socket[act]()
  }

  close(): Promise<void> {
    this.isClosed = true
    return new Promise((resolve) => this.socket.close(() => resolve()))
  }
}

/** Bytes that the kernel has not taken. */
const SEND_QUEUE_LENGTH_MAX = 4 * 1024 * 1024

/** Peers are given by address: no name must be looked up. */
const alreadyFound: NonNullable<dgram.SocketOptions['lookup']> = (address, _options, callback) =>
  callback(null, address, net.isIP(address))

const UDP_PORT = { portWord: 'UDP port', option: 'udpPort' } as const
