import { reasonOf, withCode } from '../journal/disk/system-error.js'
import { readEndpoint } from '../options/kinds/listen-address.js'
import type { ServerOptions } from '../options/table/options.js'
import type { AdminAccess, AdminListener, OpenAdmin } from './admin-access.js'
import { TokenFile } from './auth/token-file.js'
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
  private readonly token: TokenFile | undefined
  private readonly tokenPath: string | null
  private readonly listener: AdminListener

  private constructor(listener: AdminListener, token: TokenFile | undefined, tokenPath: string | null) {
    this.listener = listener
    this.token = token
    this.tokenPath = tokenPath
  }

  /** Undefined without the option. Errors name it. */
  static async open(
    { admin, adminTokenFile }: ServerOptions,
    access: AdminAccess,
  ): Promise<AdminDoor | undefined> {
    if (admin === null) return undefined
    if (load === undefined) throw new Error('--admin: this program does not include the admin listener')
    const token = adminTokenFile === null ? undefined : readToken(adminTokenFile)
    const isToken = token && ((given: Buffer) => token.isRight(given))
    const openAdmin = await load()
    const listener = await openAdmin(access, { ...readEndpoint(admin)!, isToken }).catch((error) => {
      throw explained(error, `${admin} (--admin)`)
    })
    return new AdminDoor(listener, token, adminTokenFile)
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
    throw withCode(`--admin-token: ${path} cannot be used: ${reasonOf(error)}`, error)
  }
}
