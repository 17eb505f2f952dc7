import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { type Handle, streams, type WriteRequest } from '../../wires/handle.js'

/**
 * Accepted sockets on their way from the thread that accepts to the one that serves. Threads of a process cannot give
 * each other a socket, but a pipe can carry one, as it does between processes: with each goes the number of the
 * connection, and that of its listener.
 *
 *     accepting thread   ┌──────────────┐   numbers, socket   ┌──────────┐   worker thread
 *                        │ SocketSender ├────────────────────▶│ Receiver │
 *                        └──────────────┘                     └──────────┘
 *
 * Node does not document such pipes. Without them one worker serves, in the accepting thread. The same holds on
 * systems other than Linux, which may put the sockets of two writes into one read, and if no directory can hold the pipes.
 */
export class HandOver {
  readonly workerCount: number
  /** It does not outlive the process, however early that ends. */
  private readonly directory: string
  private readonly servers: net.Server[] = []
  private readonly removeDirectory = () => {
    try {
      rmSync(this.directory, { recursive: true, force: true })
    } catch {
      // The process ends while it has the rights of `-u` for a while.
    }
  }

  private constructor(workerCount: number, directory: string) {
    this.workerCount = workerCount
    this.directory = directory
    process.once('exit', this.removeDirectory)
  }

  /** Creates the directory of the pipes. Returns why only one worker is possible if it cannot. */
  static prepare(workerCount: number): HandOver | string {
    if (process.platform !== 'linux' || pipes === undefined || streams === undefined)
      return 'this Node cannot give connections to other threads'
    const directory = makePipeDirectory()
    if (directory !== undefined) return new HandOver(workerCount, directory)
    return `no pipes for threads can be created in ${pipeFolders().join(' or ')}`
  }

  pathOf(worker: number): string {
    return path.join(this.directory, `${worker}`)
  }

  /** Listens for the worker's receiver. The promise resolves when it has connected. */
  async open(worker: number): Promise<{ connected: Promise<SocketSender> }> {
    const server = net.createServer()
    this.servers.push(server)
    const connected = new Promise<SocketSender>((resolve, reject) => {
      server.on('error', reject)
      server.listen(this.pathOf(worker), () => {
        const { _handle: listening } = server as unknown as { _handle: ListeningPipe }
        listening.onconnection = (_, accepted) => resolve(new SocketSender(accepted))
      })
    })
    await new Promise<void>((resolve, reject) => {
      server.once('listening', resolve)
      server.once('error', reject)
    })
    return { connected }
  }

  /** All are connected, or have failed. May be called again. */
  close(): void {
    for (const server of this.servers.splice(0)) server.close()
    process.off('exit', this.removeDirectory)
    this.removeDirectory()
  }
}

/**
 * Directories for the pipes. A container whose file system is read-only can write to /dev/shm. Linux has names
 * for them without any file, but no permissions for such names: any user could take a pipe, and receive clients' connections.
 */
const pipeFolders = (): string[] => [os.tmpdir(), '/dev/shm']

/** For this user alone. Undefined if none can be created, which only an attempt shows. */
function makePipeDirectory(): string | undefined {
  for (const folder of pipeFolders().filter(({ length }) => length <= FOLDER_LENGTH_MAX)) {
    try {
      return mkdtempSync(path.join(folder, 'keepcached-'))
    } catch {
      // Tries the next one.
    }
  }
  return undefined
}

/** The path of a socket has at most 107 bytes, including the directory of the pipes and a number. */
const FOLDER_LENGTH_MAX = 80

/** Sends sockets to one worker. */
export class SocketSender {
  private readonly pipe: PipeHandle

  constructor(accepted: { readonly fd: number }) {
    const { Pipe, constants } = pipes!
    // What a server accepts cannot carry sockets; a second handle for the same file can. The first is never used or
    // closed.
    this.pipe = new Pipe(constants.IPC)
    this.pipe.open(accepted.fd)
  }

  /** Sends a socket. It is closed here once it is sent. */
  send(socket: Handle, number: number, listener: number): void {
    const { WriteWrap, streamBaseState, kLastWriteWasAsync } = streams!
    const request = new WriteWrap()
    request.oncomplete = () => socket.close()
    const numbers = `${number} ${listener}`.padStart(NUMBERS_LENGTH)
    const error = this.pipe.writeLatin1String(request, numbers, socket)
    if (error !== 0 || streamBaseState[kLastWriteWasAsync] === 0) socket.close()
  }

  close(): void {
    this.pipe.close()
  }
}

export type Take = (socket: Handle, number: number, listener: number) => void

/**
 * Receives sockets, and calls `take` with each. A socket is lost, and `lose` called, if this
 * process may open no more files.
 */
export class Receiver {
  private readonly pipe: PipeHandle

  private constructor(pipe: PipeHandle) {
    this.pipe = pipe
  }

  static connect(place: string, take: Take, lose: () => void): Promise<Receiver> {
    const { Pipe, PipeConnectWrap, constants } = pipes!
    const pipe = new Pipe(constants.IPC)
    const request = new PipeConnectWrap()
    return new Promise((resolve, reject) => {
      request.oncomplete = (status) => {
        if (status !== 0) {
          reject(new Error(`the pipe for connections cannot be opened: ${status}`))
          return
        }
        pipe.onread = (bytes) => receive(pipe, bytes, take, lose)
        pipe.readStart()
        resolve(new Receiver(pipe))
      }
      const error = pipe.connect(request, place)
      if (error !== 0) reject(new Error(`the pipe for connections cannot be opened: ${error}`))
    })
  }

  close(): void {
    this.pipe.close()
  }
}

/** A socket comes with the first byte of its numbers, and a read never goes beyond what one socket came with. */
function receive(pipe: PipeHandle, bytes: ArrayBuffer | undefined, take: Take, lose: () => void) {
  const socket = pipe.pendingHandle
  pipe.pendingHandle = null
  if (bytes === undefined) return
  if (socket === undefined || socket === null) {
    lose()
    return
  }
  const { streamBaseState, kArrayBufferOffset } = streams!
  const text = Buffer.from(bytes, streamBaseState[kArrayBufferOffset], NUMBERS_LENGTH).toString('latin1')
  const [number, listener] = text.trimStart().split(' ')
  take(socket, Number(number), Number(listener))
}

const NUMBERS_LENGTH = 24

interface PipeHandle {
  pendingHandle?: Handle | null
  onread: (bytes: ArrayBuffer | undefined) => void
  open(fd: number): number
  connect(request: ConnectRequest, path: string): number
  writeLatin1String(request: WriteRequest, text: string, socket: Handle): number
  readStart(): number
  close(): void
}

interface ConnectRequest {
  oncomplete: (status: number) => void
}

interface ListeningPipe {
  onconnection: (status: number, accepted: { readonly fd: number }) => void
}

interface PipeBinding {
  readonly Pipe: new (type: number) => PipeHandle
  readonly PipeConnectWrap: new () => ConnectRequest
  readonly constants: { readonly IPC: number }
}

const pipes = findPipes()

function findPipes(): PipeBinding | undefined {
  try {
    const { binding } = process as unknown as { binding(name: string): Partial<PipeBinding> }
    const found = binding.call(process, 'pipe_wrap')
    const isWhole = [found.Pipe, found.PipeConnectWrap, found.constants?.IPC].every(
      (part) => part !== undefined,
    )
    return isWhole ? (found as PipeBinding) : undefined
  } catch {
    return undefined
  }
}
