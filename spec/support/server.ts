import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, type NetConnectOpts, type TcpNetConnectOpts } from 'node:net'
import { CertificateFolder } from './certificates.js'
import { Connection } from './connection.js'
import { MAIN } from './program.js'

export interface ServerOptions {
  /** The server's own options; where it listens is added to them. */
  options?: readonly string[]
  environment?: Readonly<Record<string, string>>
  /** Listen on a unix socket instead of a TCP port. */
  socketPath?: string
  port?: number
  /** The program and its first arguments. */
  command?: readonly string[]
}

/** Another server can replace keepcached: SERVER_COMMAND='memcached -u root' runs the specs against that one. */
const KEEPCACHED: readonly string[] = process.env['SERVER_COMMAND']?.split(' ') ?? [process.execPath, MAIN]

/** With OVER_TLS=1 connections over TCP are encrypted, so that the specs of servers also run over TLS. */
export const IS_OVER_TLS = process.env['OVER_TLS'] === '1'
const CERTIFICATE = IS_OVER_TLS
  ? new CertificateFolder((remove) => process.once('exit', remove)).make('server')
  : undefined
const TLS_OPTIONS =
  CERTIFICATE === undefined
    ? []
    : ['-Z', '-o', `ssl_chain_cert=${CERTIFICATE.cert},ssl_key=${CERTIFICATE.key}`]

const START_MS_MAX = 60_000
const POLL_MS = 10

/**
 * Otherwise as many as the machine has processors: a third more processor time at each start, and a transcript that is cut would
 * be read by one thread while another replies. What threads share has specs of its own, which choose their number.
 */
const ONE_THREAD = ['-t', '1']

/** Starts keepcached by its command line, with one thread unless told otherwise, and waits until it accepts connections. */
export async function startServer(given: ServerOptions = {}): Promise<ServerProcess> {
  const address: NetConnectOpts = given.socketPath
    ? { path: given.socketPath }
    : { host: '127.0.0.1', port: given.port ?? (await freePort()) }
  const place = 'path' in address ? ['-s', address.path] : ['-l', '127.0.0.1', '-p', `${address.port}`]
  const server = new ServerProcess(
    address,
    spawnServer([...place, ...ONE_THREAD, ...TLS_OPTIONS, ...(given.options ?? [])], given),
  )
  await server.untilAccepting()
  return server
}

/** Starts keepcached with options that make it end by itself. Returns how it ended and its output. */
export async function runServer(options: readonly string[], given: ServerOptions = {}) {
  const child = spawnServer(options, given)
  const said = { stdout: '', stderr: '' }
  child.stdout!.on('data', (chunk) => {
    said.stdout += chunk
  })
  child.stderr!.on('data', (chunk) => {
    said.stderr += chunk
  })
  const [code] = await once(child, 'close')
  return { ...said, code: code as number | null }
}

export function spawnServer(options: readonly string[], given: ServerOptions = {}): ChildProcess {
  const [program, ...first] = given.command ?? KEEPCACHED
  const child = spawn(program!, [...first, ...options], {
    env: { ...process.env, ...given.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** However the specs end, no server outlives them. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A server for all the specs of a suite, started before the first and stopped after the last of them. */
export function useServer(given: ServerOptions = {}): () => ServerProcess {
  return useProcess(() => startServer(given))
}

export function useProcess(start: () => Promise<ServerProcess>): () => ServerProcess {
  let server: ServerProcess | undefined
  before(async () => {
    server = await start()
  })
  after(async () => {
    if (server?.isRunning === false) throw new Error(`the server has ended by itself: ${server.output}`)
    await server?.stop()
  })
  return () => server!
}

export class ServerProcess {
  readonly address: NetConnectOpts
  private readonly child: ChildProcess
  private said = ''

  constructor(address: NetConnectOpts, child: ChildProcess) {
    this.address = address
    this.child = child
    child.stdout!.on('data', (chunk) => {
      this.said += chunk
    })
    child.stderr!.on('data', (chunk) => {
      this.said += chunk
    })
  }

  get pid(): number {
    return this.child.pid!
  }

  /** The TCP port. */
  get port(): number {
    return 'port' in this.address ? this.address.port : 0
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  /** What it wrote on its standard output and error. */
  get output(): string {
    return this.said
  }

  async connect(): Promise<Connection> {
    if (CERTIFICATE === undefined || 'path' in this.address) return Connection.open(this.address)
    return (await Connection.openTls(this.address as TcpNetConnectOpts)).connection
  }

  async untilAccepting(): Promise<void> {
    const deadline = Date.now() + START_MS_MAX
    while (!(await isAccepting(this.address))) {
      if (!this.isRunning) throw new Error(`the server ended before it listened: ${this.said}`)
      if (Date.now() > deadline) {
        this.child.kill('SIGKILL')
        throw new Error(`the server does not listen: ${this.said}`)
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }

  /** Sends the signal and waits for the end. Returns the exit code, or the signal that ended it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals | null> {
    if (this.isRunning) {
      const exit = once(this.child, 'exit')
      this.child.kill(signal)
      await exit
    }
    return this.child.exitCode ?? this.child.signalCode
  }

  /** Resident memory, in bytes. */
  get residentLength(): number {
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', `${this.pid}`], { encoding: 'utf8' })) * 1024
  }

  /** Processor time used so far, of user and system, in milliseconds. */
  get cpuMs(): number {
    const stat = readFileSync(`/proc/${this.pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[USER_TIME]) + Number(fields[SYSTEM_TIME])) * MS_PER_TICK
  }
}

/** Fields of /proc/PID/stat, counted after the program's name (proc(5)). */
const USER_TIME = 11
const SYSTEM_TIME = 12
const MS_PER_TICK = 10

export async function freePort(): Promise<number> {
  const listener = createServer()
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  listener.close()
  await once(listener, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

export function isAccepting(address: NetConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
