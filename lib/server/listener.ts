import dns from 'node:dns/promises'
import { chmodSync, lstatSync, unlinkSync } from 'node:fs'
import net from 'node:net'
import type { ListenerFacts } from './listener-facts.js'
import type { VerifyMode } from './options/tls-options.js'
import type { Handle } from './wires/handle.js'
import type { Accepted } from './wires/open-wire.js'

/** Takes in a new connection. */
export type Accept = (accepted: Accepted, listener: Listener) => void

/** What becomes of the connections to a socket. */
export interface ListenerUse {
  readonly backlog: number
  /** Of TCP; a unix socket does not speak TLS. */
  readonly verify: VerifyMode | null
  readonly accept: Accept
}

/** A socket that listens. */
export class Listener implements ListenerFacts {
  readonly address: string
  readonly family: 'IPv4' | 'IPv6' | 'unix'
  readonly port: number
  readonly verify: VerifyMode | null
  private readonly server: net.Server

  private constructor(server: net.Server, verify: VerifyMode | null) {
    this.server = server
    // A unix socket that was opened elsewhere does not tell its path.
    const address = server.address() ?? 'inherited'
    this.family = typeof address === 'string' ? 'unix' : (address.family as 'IPv4' | 'IPv6')
    this.port = typeof address === 'string' ? 0 : address.port
    this.verify = this.family === 'unix' ? null : verify
    this.address = typeof address === 'string' ? `unix:${address}` : `tcp:${hostPort(address)}`
  }

  /** Listens to one TCP address; a host that is a name may stand for several, each a listener. */
  static async openTcp(host: string | undefined, port: number, use: ListenerUse): Promise<Listener[]> {
    const place = host === undefined ? `port ${port}` : `${host}, port ${port}`
    const hosts = host === undefined ? EVERY_INTERFACE : await resolve(host, place)
    const listeners: Listener[] = []
    let failure: unknown
    for (const address of hosts) {
      // All addresses of one name share one port, also when any free one will do.
      const wanted = port === 0 ? (listeners[0]?.port ?? 0) : port
      try {
        const options = { host: address, port: wanted, ipv6Only: true, exclusive: true }
        listeners.push(await Listener.open(options, use))
      } catch (error) {
        failure = error
        if (!isMissingFamily(error)) break
      }
    }
    if (failure !== undefined && (listeners.length === 0 || !isMissingFamily(failure))) {
      await Promise.all(listeners.map((listener) => listener.close()))
      throw explained(failure, place)
    }
    return listeners
  }

  /** Listens to a unix socket; one that a server left behind when it was killed makes way. */
  static async openUnix(path: string, mode: number, use: ListenerUse): Promise<Listener> {
    try {
      await removeStaleSocket(path)
      const listener = await Listener.open({ path }, use)
      chmodSync(path, mode)
      return listener
    } catch (error) {
      throw explained(error, path)
    }
  }

  /** Listens to a socket that another process has opened, by its file descriptor. */
  static async openInherited(fd: number, use: ListenerUse): Promise<Listener> {
    try {
      return await Listener.open({ fd }, use)
    } catch (error) {
      throw explained(error, `file descriptor ${fd}`)
    }
  }

  private static open(place: net.ListenOptions & { fd?: number }, use: ListenerUse): Promise<Listener> {
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

  /** Takes in no more connections. Those that there are go on. */
  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()))
  }
}

/**
 * Node's own way makes a socket of every handle, of which we would need only the handle: so we take the handles. Where this
 * Node has no such thing, its sockets will do.
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

/** Both, where there are both: the one for IPv6 takes IPv6 only. */
const EVERY_INTERFACE = ['0.0.0.0', '::']
const LOOKUP_MS_MAX = 2000

async function resolve(host: string, place: string): Promise<string[]> {
  if (net.isIP(host) !== 0) return [host]
  const timeout = new Promise<never>((_, reject) => {
    const tooLate = Object.assign(new Error('too late'), { code: 'EAI_AGAIN' })
    setTimeout(() => reject(tooLate), LOOKUP_MS_MAX).unref()
  })
  try {
    const found = await Promise.race([dns.lookup(host, { all: true }), timeout])
    return found.map(({ address }) => address)
  } catch (error) {
    throw explained(error, place)
  }
}

async function removeStaleSocket(path: string): Promise<void> {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return
  if (await somebodyListens(path)) throw new Error(`another server listens on ${path}`)
  unlinkSync(path)
}

function somebodyListens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** This machine has no such address, or no IPv6 at all. */
const isMissingFamily = (error: unknown): boolean =>
  codeOf(error) === 'EAFNOSUPPORT' || codeOf(error) === 'EADDRNOTAVAIL'

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? ''

/** What went wrong, as a sentence for whoever started the server. */
function explained(error: unknown, place: string): Error {
  const sentence = SENTENCES[codeOf(error)]
  const message = sentence === undefined ? (error as Error).message : `cannot listen on ${place}: ${sentence}`
  return new Error(message, { cause: error })
}

const SENTENCES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is in use',
  // Of a unix socket it may also mean that there is no such directory.
  EACCES: 'it is not allowed, or there is no such directory',
  EPERM: 'it is not allowed',
  EADDRNOTAVAIL: 'this machine has no such address',
  EAFNOSUPPORT: 'this machine has no addresses of this kind',
  ENOTFOUND: 'there is no such name',
  EBADF: 'it is not open',
  EINVAL: 'it is not a socket that listens',
  EAI_AGAIN: 'the name could not be resolved',
}

const hostPort = ({ address, family, port }: net.AddressInfo): string =>
  family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`
