import { Counter } from '../../metrics/counters.js'
import type { ServerOptions } from '../../options/table/options.js'
import { DATAGRAM_HEADER_LENGTH, encodeDatagrams, NO_REQUEST, requestIdOf } from '../../protocol/datagram.js'
import { detectProtocol } from '../../protocol/detect.js'
import {
  COPIED_VALUE_LENGTH_MAX,
  DATAGRAM_REPLIES_MAX,
  DATAGRAMS_HELD_MAX,
  READ_LENGTH,
} from '../../request/limits.js'
import { NO_VERB, Session } from '../../request/session.js'
import type { ConnectionJournal } from '../connection/output/group-commit.js'
import type { Worker } from '../connection/worker.js'
import type { ListenerFacts } from '../listening/listener-facts.js'
import { DatagramSocket, type Peer } from './datagram-socket.js'

/**
 * Requests that come by UDP, to the one worker that serves them. A datagram is a connection of its own: it holds whole
 * requests, and never the rest of an earlier one. What cannot be answered is dropped: that is how datagrams are, and
 * clients know.
 */
export class Datagrams {
  private readonly worker: Worker
  private readonly sockets: DatagramSocket[] = []
  /** Memory of replies that wait for the journal. */
  private heldLength = 0

  private constructor(worker: Worker) {
    this.worker = worker
  }

  /** Receives datagrams at the addresses of the options. */
  static async open(worker: Worker, { udpPort, listen }: ServerOptions): Promise<Datagrams> {
    const datagrams = new Datagrams(worker)
    if (udpPort === null) return datagrams
    const hosts = new Set(listen.length === 0 ? ['*'] : listen.map(({ host }) => host))
    try {
      for (const host of hosts) {
        const where = host === '*' ? undefined : host
        const opened = await DatagramSocket.open(where, udpPort, (...came) => datagrams.serve(...came))
        datagrams.sockets.push(...opened)
      }
    } catch (error) {
      await datagrams.close()
      throw error
    }
    return datagrams
  }

  get facts(): ListenerFacts[] {
    return this.sockets.map(({ facts }) => facts)
  }

  keepAlive(act: 'ref' | 'unref'): void {
    for (const socket of this.sockets) socket.keepAlive(act)
  }

  async close(): Promise<void> {
    await Promise.all(this.sockets.map((socket) => socket.close()))
  }

  private serve(datagram: Buffer, socket: DatagramSocket, peer: Peer): void {
    const { readBuffer, readStart, counters, data, engine } = this.worker
    const requestId = requestIdOf(datagram)
    const length = datagram.length - DATAGRAM_HEADER_LENGTH
    counters.add(Counter.bytes_read, datagram.length)
    if (requestId === NO_REQUEST || length > READ_LENGTH) return
    const journal = data?.journal
    if (journal?.hasRoom === false) return
    const changeCount = journal?.changeCount
    datagram.copy(readBuffer, 0, DATAGRAM_HEADER_LENGTH)
    const replies = this.answer(readStart, readStart + length)
    const send = () => this.send(encodeDatagrams(requestId, replies), socket, peer)
    if (journal === undefined || journal.changeCount === changeCount) send()
    else this.sendWhenSafe(journal, replies.length, send)
    engine.endBatch()
  }

  /** Replies to changes wait for the journal, unless too many do. */
  private sendWhenSafe(journal: ConnectionJournal, length: number, send: () => void): void {
    const { changeCount } = journal
    const heldLength = length + HELD_COST
    journal.commit()
    if (journal.isSafe(changeCount)) {
      send()
    } else if (this.heldLength + heldLength <= DATAGRAMS_HELD_MAX) {
      this.heldLength += heldLength
      const committed = (isSafe: boolean) => {
        this.heldLength -= heldLength
        if (isSafe) send()
      }
      journal.wait(changeCount, { size: 1, committed })
    }
  }

  private send(datagrams: Iterable<Buffer>, socket: DatagramSocket, peer: Peer): void {
    for (const datagram of datagrams) {
      if (!socket.send(datagram, peer)) return
      this.worker.counters.add(Counter.bytes_written, datagram.length)
    }
  }

  /** The replies to all whole requests in a range of the arena. Empty if they are too long. */
  private answer(start: number, end: number): Buffer {
    const { arena, engine, request, reply, output } = this.worker
    if (start === end) return NOTHING
    const protocol = detectProtocol(this.worker.protocol, arena.bytes[start]!)
    const session = new Session()
    session.mayWatch = false
    const replies: Buffer[] = []
    let room = DATAGRAM_REPLIES_MAX
    engine.refreshClock()
    request.session = session
    for (let cursor = start; cursor < end || session.openVerb !== NO_VERB; ) {
      cursor = protocol.decodeRequest(arena, cursor, end, request)
      if (cursor < 0 || cursor > end) break
      engine.execute(request, reply)
      protocol.encodeReply(arena, request, reply, output, COPIED_VALUE_LENGTH_MAX)
      room -= output.isBroken ? Number.POSITIVE_INFINITY : output.byteLength
      // Copied while the item is still held, so that nothing needs a pin.
      if (room >= 0) for (const piece of output.views(arena)) replies.push(Buffer.from(piece))
      output.discard()
      engine.release()
      if (room < 0) return NOTHING
      if (reply.isLast) break
    }
    return Buffer.concat(replies)
  }
}

const NOTHING = Buffer.alloc(0)
/** The overhead of a waiting reply. */
const HELD_COST = 1024
