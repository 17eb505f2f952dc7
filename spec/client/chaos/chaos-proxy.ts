import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientProtocol } from '../../../lib/client/index.js'
import type { Random } from '../../support/random.js'
import { FAULTS, type Fault } from './faults.js'
import { LIES, type Pot } from './lies.js'
import { ReplyFramer } from './reply-framer.js'

export interface ProxyParts {
  readonly random: Random
  readonly port: number
  readonly protocol: ClientProtocol
  /** Whether replies are replaced by others. */
  readonly isLying: boolean
  /** Shared by the proxies of a protocol. */
  readonly pot: Pot
  /** How often each fault was made. */
  readonly counts: Map<string, number>
}

/** Stands between a client and a server, and does to their bytes what networks, proxies and defective servers do. */
export class ChaosProxy {
  readonly parts: ProxyParts
  private readonly server: Server
  private readonly sockets = new Set<Socket>()
  private isCalm = false

  private constructor(parts: ProxyParts) {
    this.parts = parts
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.accept(socket))
  }

  static async start(parts: ProxyParts): Promise<ChaosProxy> {
    const proxy = new ChaosProxy(parts)
    proxy.server.listen(0, '127.0.0.1')
    await once(proxy.server, 'listening')
    return proxy
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  /** From now on it only passes bytes on. */
  calm(): void {
    this.isCalm = true
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    this.server.close()
    await once(this.server, 'close')
  }

  count(fault: string): void {
    const { counts } = this.parts
    counts.set(fault, (counts.get(fault) ?? 0) + 1)
  }

  private accept(client: Socket): void {
    const { random, port, protocol, isLying } = this.parts
    if (!this.isCalm && random.chance(REFUSED_SHARE)) {
      this.count('refuses a connection')
      client.destroy()
      return
    }
    const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const close = () => {
      for (const socket of [client, server]) {
        this.sockets.delete(socket)
        socket.destroy()
      }
    }
    for (const socket of [client, server]) {
      this.sockets.add(socket)
      socket.on('error', close).on('close', close)
    }
    this.pass(client, server, undefined)
    this.pass(server, client, isLying ? new ReplyFramer(protocol) : undefined)
  }

  /** Passes on what comes from the source, chunk by chunk: the next one waits until the fault of this one is over. */
  private pass(source: Socket, target: Socket, framer: ReplyFramer | undefined): void {
    let tail: Promise<unknown> = Promise.resolve()
    const after = (action: () => unknown) => {
      tail = tail.then(() => (target.writable ? action() : undefined)).catch(() => undefined)
    }
    source.on('data', (chunk: Buffer) => after(() => this.deliver(chunk, source, target, framer)))
    source.on('end', () => after(() => target.end()))
  }

  private async deliver(
    chunk: Buffer,
    source: Socket,
    target: Socket,
    framer: ReplyFramer | undefined,
  ): Promise<void> {
    const bytes = framer === undefined ? chunk : this.lieAbout(framer.takeMessages(chunk))
    const fault = this.drawFault()
    if (fault === undefined) target.write(bytes)
    else await fault({ bytes, source, target, random: this.parts.random, sleep })
  }

  private drawFault(): Fault | undefined {
    if (this.isCalm) return undefined
    let drawn = this.parts.random.below(FAULT_RANGE)
    for (const [name, [weight, fault]] of Object.entries(FAULTS)) {
      drawn -= weight
      if (drawn >= 0) continue
      this.count(name)
      return fault
    }
    return undefined
  }

  private lieAbout(replies: readonly Buffer[]): Buffer {
    const { random } = this.parts
    const told = replies.flatMap((reply) => {
      if (this.isCalm || !random.chance(LIE_SHARE)) return [reply]
      const name = random.pick(Object.keys(LIES))
      this.count(name)
      return LIES[name]!(reply, this.parts)
    })
    return told.length === 1 ? told[0]! : Buffer.concat(told)
  }
}

const REFUSED_SHARE = 0.05
/** The weights of faults are of so many chunks. */
const FAULT_RANGE = 10_000
const LIE_SHARE = 0.002
