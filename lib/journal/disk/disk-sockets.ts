import fs from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { basename, dirname } from 'node:path'

/** A unix socket that listens until it is closed, or its process ends in whatever way. */
export interface ListeningSocket {
  close(): Promise<void>
}

/** `dead`: the file is there, but its process has ended. */
export type SocketState = 'listening' | 'dead' | 'missing'

/**
 * Makes a socket that listens. Connections are closed at once: all that another process wants to know is whether it can
 * connect. The file may be renamed. Returns undefined where no socket can be made: not every file system has them.
 */
export async function listen(path: string): Promise<ListeningSocket | undefined> {
  const place = await shortened(path)
  if (place === undefined) return undefined
  const server = createServer((connection) => connection.destroy())
  server.unref()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      // In a process of a cluster it would be the primary that listens.
      server.listen({ path: place.path, exclusive: true }, resolve)
    })
  } catch {
    return undefined
  } finally {
    await place.release()
  }
  // A connection that could not be accepted was one all the same.
  server.on('error', () => undefined)
  return {
    // This removes the path that it was given, and no other: who renames the file has to remove it.
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

/** What the errors of connect(2) say of a socket. */
const STATES: Readonly<Record<string, SocketState>> = {
  ECONNREFUSED: 'dead',
  // The file is no socket.
  ENOTSOCK: 'dead',
  ENOENT: 'missing',
  ENOTDIR: 'missing',
  // More wait to be accepted than the system keeps: a server that reads its directory accepts nobody.
  EAGAIN: 'listening',
}

interface Place {
  readonly path: string
  release(): Promise<void>
}

/** The address of a socket has room for few bytes. A longer path is shortened by way of its directory, held open. */
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

/** A process finds its open files here, on Linux. */
const DESCRIPTORS = '/proc/self/fd'
/** The least of what systems have room for (macOS: 104), and a zero at the end. */
const PATH_LENGTH_MAX = 103
