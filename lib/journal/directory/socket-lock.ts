import { setTimeout as sleep } from 'node:timers/promises'
import type { ListeningSocket } from '../disk/disk-sockets.js'
import { codeOf, type Files, pathIn } from '../disk/files.js'
import { NEW_SUFFIX } from '../format/file-header.js'
import { candidateIdIn, candidateName, isUnlistened, LOCK_SOCKET_NAME } from './lock-names.js'
import { aboutToBeUsed, inUse } from './pid-file.js'

/**
 * A lock that the kernel releases, however its owner ends: a unix socket in the directory, at which the owner listens. Process
 * ids have no meaning in another container; a socket on a shared volume works from both.
 *
 *     lock.ID.new   a socket that does not listen yet
 *     lock.ID       a candidate, with a random id
 *     lock.socket   the owner
 *
 * A candidate connects to all other candidates, and after that to the owner. It gives way to an owner, and to a candidate with
 * a lower id. A candidate with a higher id may have looked before it could see this one, so this one waits until it gives way,
 * ends, or becomes the owner. A candidate that is alone becomes the owner. Two cannot both find that they are alone: each is
 * visible before it looks, so the one that looked last has seen the other.
 */
export class SocketLock {
  /** The path of the owner's socket, and its identity. */
  readonly path: string
  readonly identity: string
  private readonly files: Files
  private readonly socket: ListeningSocket

  private constructor(files: Files, path: string, identity: string, socket: ListeningSocket) {
    this.files = files
    this.path = path
    this.identity = identity
    this.socket = socket
  }

  /** Returns undefined if sockets are impossible there. Rejects with a sentence if another process is the owner. */
  static async take(files: Files, directory: string): Promise<SocketLock | undefined> {
    if (await isOwned(files, directory)) throw inUse(files, directory)
    const candidate = await Candidate.stand(files, directory)
    if (candidate === undefined) return undefined
    const path = pathIn(directory, LOCK_SOCKET_NAME)
    try {
      await candidate.untilAlone()
      await files.rename(candidate.path, path)
      return new SocketLock(files, path, candidate.identity, candidate.socket)
    } catch (error) {
      await candidate.withdraw()
      throw error
    }
  }

  /** The path is removed first: a process that finds the path must find a listening owner. */
  async release(): Promise<void> {
    try {
      if ((await this.files.identityOf(this.path)) === this.identity) await this.files.remove(this.path)
    } finally {
      await this.socket.close()
    }
  }
}

/** A process that tries to get a directory. */
class Candidate {
  readonly path: string
  readonly identity: string
  readonly socket: ListeningSocket
  private readonly files: Files
  private readonly directory: string
  private readonly id: string

  private constructor(
    files: Files,
    directory: string,
    id: string,
    own: { readonly identity: string; readonly socket: ListeningSocket },
  ) {
    this.files = files
    this.directory = directory
    this.id = id
    this.path = pathIn(directory, candidateName(id))
    this.identity = own.identity
    this.socket = own.socket
  }

  static async stand(files: Files, directory: string): Promise<Candidate | undefined> {
    const { randomBytes } = process.getBuiltinModule('node:crypto')
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const id = randomBytes(8).toString('hex')
      const path = pathIn(directory, candidateName(id))
      const socket = await files.listen(path + NEW_SUFFIX)
      if (socket === undefined) return undefined
      const isThere = await isRenamed(files, path + NEW_SUFFIX, path)
      const identity = isThere ? await files.identityOf(path) : undefined
      if (identity !== undefined) {
        const candidate = new Candidate(files, directory, id, { identity, socket })
        if ((await files.socketStateAt(path)) === 'listening') return candidate
        // Some file systems can hold sockets, but do not allow connections to them.
        await candidate.withdraw()
        return undefined
      }
      // Another process found the file before it was listening, and took it for a dead one.
      await socket.close()
    }
    throw new Error(`${directory}: the sockets of its lock disappear`)
  }

  /** Resolves once no other process can become the owner. Rejects with a sentence if this one cannot. */
  async untilAlone(): Promise<void> {
    const { files, directory } = this
    for (let pauses = 0; ; pauses++) {
      const rivals = await this.livingRivals()
      // Not before: a rival may have become the owner meanwhile.
      if (await isOwned(files, directory)) throw inUse(files, directory)
      if (rivals.length === 0) return
      if (pauses === PAUSES_MAX || rivals.some((id) => id < this.id)) throw aboutToBeUsed(directory)
      await sleep(PAUSE_MS)
    }
  }

  async withdraw(): Promise<void> {
    await this.files.remove(this.path)
    await this.socket.close()
  }

  /** The ids of all other candidates. Sockets of dead ones are removed: no id is used again. */
  private async livingRivals(): Promise<string[]> {
    const { files, directory } = this
    const living: string[] = []
    for (const name of files.list(directory)) {
      const id = candidateIdIn(name)
      if (id === undefined || id === this.id) continue
      const path = pathIn(directory, name)
      const state = await files.socketStateAt(path)
      if (state === 'dead') await files.remove(path)
      if (state === 'listening' && !isUnlistened(name)) living.push(id)
    }
    return living
  }
}

const isOwned = async (files: Files, directory: string): Promise<boolean> =>
  (await files.socketStateAt(pathIn(directory, LOCK_SOCKET_NAME))) === 'listening'

async function isRenamed(files: Files, from: string, to: string): Promise<boolean> {
  try {
    await files.rename(from, to)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw error
  }
}

const TRIES_MAX = 10
const PAUSE_MS = 5
/** A rival with a higher id gives way when it looks again. One that was stopped meanwhile may never do so. */
const PAUSES_MAX = 2000
