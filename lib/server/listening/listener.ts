import { chmodSync, existsSync, lstatSync, unlinkSync } from 'node:fs'
import net from 'node:net'
import { dirname } from 'node:path'
import { socketStateAt } from '../../journal/disk/disk-sockets.js'
import type { VerifyMode } from '../../options/table/tls-options.js'
import type { Handle } from '../wires/handle.js'
import type { Accepted } from '../wires/open-wire.js'
import type { ListenerFacts } from './listener-facts.js'
import { explained, hostPort, openEach, type Sentences } from './open-each.js'

/** Accepts a new connection. */
export type Accept = (accepted: Accepted, listener: Listener) => void

/** How the connections to a socket are handled. */
export interface ListenerOptions {
  readonly backlog: number
  /** For TCP; a unix socket has no TLS. */
  readonly verify: VerifyMode | null
  readonly accept: Accept
}

/** A socket that listens. */
export class Listener implements ListenerFacts {
  readonly address: string
  readonly family: 'IPv4' | 'IPv6' | 'unix'
  readonly port: number
  readonly isDatagram = false
  readonly verify: VerifyMode | null
  private readonly server: net.Server

  private constructor(server: net.Server, verify: VerifyMode | null) {
    this.server = server
    // The path of a unix socket that was opened elsewhere is unknown.
    const address = server.address() ?? 'inherited'
    this.family = typeof address === 'string' ? 'unix' : (address.family as 'IPv4' | 'IPv6')
    this.port = typeof address === 'string' ? 0 : address.port
    this.verify = this.family === 'unix' ? null : verify
    this.address = typeof address === 'string' ? `unix:${address}` : `tcp:${hostPort(address)}`
  }

  /** Listens on one TCP address; a host name may have several, each a listener. */
  static openTcp(host: string | undefined, port: number, use: ListenerOptions): Promise<Listener[]> {
    return openEach(host, port, PORT, (address, wanted) =>
      Listener.open({ host: address, port: wanted, ipv6Only: true, exclusive: true }, use),
    )
  }

  /** Listens on a unix socket; one that a killed server left behind is replaced. */
  static async openUnix(path: string, mode: number, use: ListenerOptions): Promise<Listener> {
    try {
      await removeStaleSocket(path)
      const listener = await Listener.open({ path }, use)
      chmodSync(path, mode)
      return listener
    } catch (error) {
      throw explained(error, (nameOf) => `${path} (${nameOf('socketPath')})`, sentencesFor(path))
    }
  }

  /** Listens on a socket that another process has opened, by its file descriptor. */
  static async openInherited(fd: number, use: ListenerOptions): Promise<Listener> {
    try {
      return await Listener.open({ fd }, use)
    } catch (error) {
      throw explained(error, () => `file descriptor ${fd} (LISTEN_FDS)`)
    }
  }

  private static open(place: net.ListenOptions & { fd?: number }, use: ListenerOptions): Promise<Listener> {
    return new Promise((resolve, reject) => {
      const server = net.createServer({ noDelay: true, keepAlive: true, allowHalfOpen: true })
      server.once('error', reject)
      server.listen({ ...place, backlog: use.backlog }, () => {
        server.off('error', reject)
        server.on('error', () => undefined)
        const listener = new Listener(server, use.verify)
        acceptHandles(server, (accepted) => use.accept(accepted, listener))
        resolve(listener)
      })
    })
  }

  /** Whether listening keeps the process alive. */
  keepAlive(act: 'ref' | 'unref'): void {
    this.server[act]()
  }

  /** Accepts no more connections. Open ones continue. */
  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()))
  }
}

const PORT = { portWord: 'port', option: 'port' } as const

/** For a missing directory Node reports that access is denied. */
function sentencesFor(path: string): Sentences {
  const directory = dirname(path)
  return existsSync(directory) ? {} : { EACCES: `there is no directory ${directory}` }
}

/**
 * Node makes a socket for every handle, and only the handle is needed: so the handles are taken before that. If this
 * Node version does not allow it, its sockets are used.
 */
function acceptHandles(server: net.Server, accept: (accepted: Accepted) => void): void {
  const { _handle: handle } = server as net.Server & { _handle?: ServerHandle }
  if (typeof handle?.onconnection !== 'function') {
    server.on('connection', accept)
    return
  }
  handle.onconnection = (status, accepted) => {
    if (status !== 0 || accepted === undefined) return
    accepted.setNoDelay?.(true)
    accepted.setKeepAlive?.(true, 0)
    accept(accepted)
  }
}

interface ServerHandle {
  onconnection: (status: number, accepted: Handle | undefined) => void
}

async function removeStaleSocket(path: string): Promise<void> {
  const facts = lstatSync(path, { throwIfNoEntry: false })
  if (facts === undefined) return
  if (!facts.isSocket()) throw taken('there is a file that is not a socket')
  if ((await socketStateAt(path)) === 'listening') throw taken('another server listens there')
  unlinkSync(path)
}

const taken = (reason: string): Error => Object.assign(new Error(reason), { code: 'EADDRINUSE' })
