import { assertIsThere, goneError } from '../disk/directory-identity.js'
import type { Files, HeldFile } from '../disk/files.js'
import type { Processes } from '../disk/processes.js'
import { PidFile } from './pid-file.js'
import { SocketLock } from './socket-lock.js'

export interface DirectoryLockParts {
  readonly files: Files
  readonly directory: string
  readonly processes: Processes
}

/** The parts of a directory's lock that a process holds. */
interface Claim {
  /** While it is held, no other directory gets its identity. */
  readonly held: HeldFile
  /** Undefined if sockets are impossible there. */
  readonly socket: SocketLock | undefined
  readonly pidFile: PidFile
}

/** The parts that are held so far, or are about to be released. */
type ClaimedParts = { readonly [Part in keyof Claim]?: Claim[Part] | undefined }

/** One server per directory. The owner can detect that the directory, or its lock, was taken away from it. */
export class DirectoryLock {
  private readonly parts: DirectoryLockParts
  /** The directory that the owner knows, even if its path leads to another one by now. */
  private known: HeldFile
  private claim: Claim | undefined

  private constructor(parts: DirectoryLockParts, claim: Claim) {
    this.parts = parts
    this.known = claim.held
    this.claim = claim
  }

  /** Rejects with a sentence if another process is the owner. */
  static async take(parts: DirectoryLockParts): Promise<DirectoryLock> {
    return new DirectoryLock(parts, await claimOf(parts))
  }

  /** The identity of the directory that it knows. */
  get identity(): string {
    return this.known.identity
  }

  /** Rejects with a sentence if the directory is missing, or does not belong to this owner. */
  async check(): Promise<void> {
    const { parts, claim } = this
    if (claim === undefined) throw new Error(`${parts.directory}: its lock was lost`)
    await checkClaim(parts, claim)
  }

  /**
   * Takes the lost directory again, or the one in its place. `accept` receives whether it is the known one,
   * and throws a sentence if it is unsuitable. Until there is a directory, the lock of the known one is kept: it may come back.
   */
  async retake(accept: (isKnown: boolean) => void): Promise<void> {
    const { parts, known } = this
    if ((await parts.files.identityOf(parts.directory)) === undefined) throw goneError(parts.directory)
    await this.leave()
    const claim = await claimOf(parts)
    try {
      accept(claim.held.identity === known.identity)
    } catch (error) {
      await release(claim)
      throw error
    }
    known.release()
    this.known = claim.held
    this.claim = claim
  }

  async release(): Promise<void> {
    try {
      await this.leave()
    } finally {
      this.known.release()
    }
  }

  /** Releases the directory, and remembers which one it was. */
  private async leave(): Promise<void> {
    const { claim } = this
    this.claim = undefined
    if (claim !== undefined) await release({ socket: claim.socket, pidFile: claim.pidFile })
  }
}

async function claimOf(parts: DirectoryLockParts): Promise<Claim> {
  const { files, directory, processes } = parts
  const held = await files.hold(directory)
  if (held === undefined) throw new Error(`${directory}: there is no such directory`)
  let [socket, pidFile]: [SocketLock | undefined, PidFile | undefined] = [undefined, undefined]
  try {
    socket = await SocketLock.take(files, directory)
    pidFile = await PidFile.take(files, directory, processes, socket !== undefined)
    const claim = { held, socket, pidFile }
    await checkClaim(parts, claim)
    return claim
  } catch (error) {
    await release({ held, socket, pidFile })
    throw error
  }
}

/** The socket is removed last: only its owner changes the other file. */
async function release({ held, socket, pidFile }: ClaimedParts): Promise<void> {
  try {
    await pidFile?.release()
  } finally {
    held?.release()
    await socket?.release()
  }
}

/** Checks whether a path leads to this owner's directory, and its lock is there. */
async function checkClaim({ files, directory }: DirectoryLockParts, claim: Claim): Promise<void> {
  await assertIsThere(files, directory, claim.held.identity)
  const lock = claim.socket ?? claim.pidFile
  if ((await files.identityOf(lock.path)) !== lock.identity)
    throw new Error(`${directory}: its lock was removed: another server may use it`)
}
