import { reasonOf } from '../journal/disk/system-error.js'
import { readEndpoint } from '../options/kinds/listen-address.js'
import { startError } from '../options/start-error.js'
import type { ServerOptions } from '../options/table/options.js'
import { ADMIN_CONNECTION_COUNT_MAX } from '../request/limits.js'
import type { AdminAccess, AdminListener, OpenAdmin } from './admin-access.js'
import { TokenFile } from './auth/token-file.js'
import { connectionRoom } from './listening/file-room.js'
import { explained } from './listening/open-each.js'

let load: (() => Promise<OpenAdmin>) | undefined

/**
 * Says where the admin listener is to be loaded from. The package and the program do so: the server itself imports
 * nothing of it, and loads it only if the option `admin` is given.
 */
export function provideAdmin(loadAdmin: () => Promise<OpenAdmin>): void {
  load = loadAdmin
}

/** The admin listener of a server, while there is one, and its token. */
export class AdminDoor {
  /** How many connections it may have, and so how many files of the process. */
  readonly connectionCountMax: number
  private readonly token: TokenFile | undefined
  private readonly tokenPath: string | null
  private readonly listener: AdminListener

  private constructor(
    listener: AdminListener,
    connectionCountMax: number,
    token: TokenFile | undefined,
    tokenPath: string | null,
  ) {
    this.listener = listener
    this.connectionCountMax = connectionCountMax
    this.token = token
    this.tokenPath = tokenPath
  }

  /** Undefined without the option. Errors name it. */
  static async open(
    { admin, adminTokenFile }: ServerOptions,
    access: AdminAccess,
    loadAdmin = load,
  ): Promise<AdminDoor | undefined> {
    if (admin === null) return undefined
    if (loadAdmin === undefined)
      throw startError((nameOf) => `${nameOf('admin')}: this program does not include the admin listener`)
    const token = adminTokenFile === null ? undefined : readToken(adminTokenFile)
    const isToken = token && ((given: Buffer) => token.isRight(given))
    const openAdmin = await loadAdmin()
    const connectionCountMax = Math.min(
      ADMIN_CONNECTION_COUNT_MAX,
      Math.ceil(connectionRoom(0) * SHARE_OF_FILES),
    )
    const place = { ...readEndpoint(admin)!, connectionCountMax, isToken }
    const listener = await openAdmin(access, place).catch((error) => {
      throw explained(error, (nameOf) => `${admin} (${nameOf('admin')})`)
    })
    return new AdminDoor(listener, connectionCountMax, token, adminTokenFile)
  }

  get uri(): string {
    return `http://${this.listener.address}`
  }

  /** Reads the token again. Returns why the earlier one stays in force, if it does. */
  reload(): string | undefined {
    try {
      this.token?.reload()
      return undefined
    } catch (error) {
      return `--admin-token: ${this.tokenPath}: ${reasonOf(error)}; the token that was read before stays in force`
    }
  }

  keepAlive(act: 'ref' | 'unref'): void {
    this.listener.keepAlive(act)
  }

  close(): Promise<void> {
    return this.listener.close()
  }
}

function readToken(path: string): TokenFile {
  try {
    return new TokenFile(path)
  } catch (error) {
    throw startError(
      (nameOf) => `${nameOf('adminTokenFile')}: ${path} cannot be used: ${reasonOf(error)}`,
      error,
    )
  }
}

/** The clients of the cache have most of the files that the process may open. */
const SHARE_OF_FILES = 1 / 4
