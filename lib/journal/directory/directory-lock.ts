import type { Files, HeldFile } from '../disk/files.js'
import type { Processes } from '../disk/processes.js'
import { PidFile } from './pid-file.js'
import { SocketLock } from './socket-lock.js'

export interface DirectoryLockParts {
  readonly files: Files
  readonly directory: string
  readonly processes: Processes
}

/** What a process has of a directory that is its own. */
interface Claim {
  /** As long as it is held, no other directory has its identity. */
  readonly held: HeldFile
  /** Undefined where there can be no sockets. */
  readonly socket: SocketLock | undefined
  readonly pidFile: PidFile
}

/** What of it has been had so far, or is to go. */
type ClaimedParts = { readonly [Part in keyof Claim]?: Claim[Part] | undefined }

/** One server to a directory. The owner can tell when the directory, or its lock, has been taken away from it. */
export class DirectoryLock {
  private readonly parts: DirectoryLockParts
  /** The directory that the owner knows, whatever its path leads to by now. */
  private known: HeldFile
  private claim: Claim | undefined

  private constructor(parts: DirectoryLockParts, claim: Claim) {
    this.parts = parts
    this.known = claim.held
    this.claim = claim
  }

  /** Rejects with a sentence when another process is the owner. */
  static async take(parts: DirectoryLockParts): Promise<DirectoryLock> {
    return new DirectoryLock(parts, await claimOf(parts))
  }

  /** Rejects with a sentence when the directory is not there any more, or not this owner's. */
  async check(): Promise<void> {
    const { parts, claim } = this
    if (claim === undefined) throw new Error(`${parts.directory}: its lock was lost`)
    await checkClaim(parts, claim)
  }

  /**
   * Takes the directory again after it was lost, or what is in its place. `accept` is told whether it is the one that was known,
   * and throws a sentence when it will not do. Until there is a directory the lock of the known one is kept: it may come back.
   */
  async retake(accept: (isKnown: boolean) => void): Promise<void> {
    const { parts, known } = this
    if ((await parts.files.identityOf(parts.directory)) === undefined) throw goneError(parts)
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

  /** Lets others have the directory, and keeps in mind which one it was. */
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

/** The socket goes last: only its owner changes the other file. */
async function release({ held, socket, pidFile }: ClaimedParts): Promise<void> {
  try {
    await pidFile?.release()
  } finally {
    held?.release()
    await socket?.release()
  }
}

const goneError = ({ directory }: Pick<DirectoryLockParts, 'directory'>): Error =>
  new Error(`${directory}: the directory was deleted or moved`)

/** Looks whether a path leads to what this owner has: it may have been deleted, moved, or replaced. */
async function checkClaim({ files, directory }: DirectoryLockParts, claim: Claim): Promise<void> {
  const identity = await files.identityOf(directory)
  if (identity === undefined) throw goneError({ directory })
  if (identity !== claim.held.identity) throw new Error(`${directory}: another directory is in its place`)
  const lock = claim.socket ?? claim.pidFile
  if ((await files.identityOf(lock.path)) !== lock.identity)
    throw new Error(`${directory}: its lock was removed: another server may use it`)
}
