import fs from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { basename, dirname } from 'node:path'

/** A unix socket that listens until it is closed, or until its process ends for any reason. */
export interface ListeningSocket {
  close(): Promise<void>
}

/** `dead`: the file is there, but its process has ended. */
export type SocketState = 'listening' | 'dead' | 'missing'

/**
 * Makes a listening socket. Connections are closed at once: other processes only test whether they can connect.
 * The file may be renamed. Returns undefined if no socket can be made: not every file system has them.
 */
export async function listen(path: string): Promise<ListeningSocket | undefined> {
  const place = await shortened(path)
  if (place === undefined) return undefined
  const server = createServer((connection) => connection.destroy())
  server.unref()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      // In a process of a cluster, the primary would listen instead.
      server.listen({ path: place.path, exclusive: true }, resolve)
    })
  } catch {
    return undefined
  } finally {
    await place.release()
  }
  // A connection that could not be accepted still shows that another process connected.
  server.on('error', () => undefined)
  return {
    // This removes only the original path: the code that renames the file has to remove the new one.
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** Whether a process listens at a path. */
export async function socketStateAt(path: string): Promise<SocketState> {
  const place = await shortened(path)
  if (place === undefined) return 'missing'
  try {
    return await new Promise((resolve, reject) => {
      const connection = connect({ path: place.path })
      connection.once('connect', () => {
        connection.destroy()
        resolve('listening')
      })
      connection.once('error', (error: NodeJS.ErrnoException) => {
        const state = STATES[error.code ?? '']
        if (state === undefined) reject(error)
        else resolve(state)
      })
    })
  } finally {
    await place.release()
  }
}

/** The meaning of connect(2) errors for a socket. */
const STATES: Readonly<Record<string, SocketState>> = {
  ECONNREFUSED: 'dead',
  // The file is no socket.
  ENOTSOCK: 'dead',
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  // The backlog is full: a server that is reading its directory accepts no connections.
  EAGAIN: 'listening',
}

interface Place {
  readonly path: string
  release(): Promise<void>
}

/** The address of a socket holds few bytes. A longer path is shortened through a descriptor of its directory. */
async function shortened(path: string): Promise<Place | undefined> {
  if (Buffer.byteLength(path) <= PATH_LENGTH_MAX) return { path, release: async () => undefined }
  try {
    await fs.access(DESCRIPTORS)
    const directory = await fs.open(dirname(path), 'r')
    return { path: `${DESCRIPTORS}/${directory.fd}/${basename(path)}`, release: () => directory.close() }
  } catch {
    return undefined
  }
}

/** On Linux a process finds its open files here. */
const DESCRIPTORS = '/proc/self/fd'
/** The smallest limit of all systems (macOS: 104), with a zero at the end. */
const PATH_LENGTH_MAX = 103
