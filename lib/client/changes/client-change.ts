import type { ChangeName } from '../../request/change-names.js'
import type { ClientError } from '../client-error.js'

/** What has happened on a server, as the loop over `client.changes()` receives it. See lib/feed for each kind. */
export interface ClientChange<Value = unknown> {
  readonly kind: ChangeName
  /** Each server has an order of its own. A `flush` and a `gap` are about the items of this server only. */
  readonly server: string
  /** Where to resume after this, on all servers; undefined while one of them lists its items. */
  readonly position: string | undefined
  /** Without the client's prefix; bytes if it is not UTF-8; undefined for changes that are not about one key. */
  readonly key: string | Buffer | undefined
  /** Of a `flush_prefix`: what the keys of the flushed items begin with, as with `key`. */
  readonly prefix: string | Buffer | undefined
  readonly cas: bigint | undefined
  /** The length of the value. */
  readonly size: number | undefined
  /** Seconds that the item had left when the server read the change; -1: it never expires. */
  readonly ttl: number | undefined
  /** Only with `values`, and if the item has not been replaced meanwhile: then a later change follows. */
  readonly value: Value | undefined
  /** The item has a value that cannot be decoded (BAD_VALUE). */
  readonly error: ClientError | undefined
  /** Of a gap: the server's own position behind which changes are missing, if there was one. */
  readonly after: string | undefined
}

/** What a program wants to be told of changes. */
export interface ChangesOptions {
  /** Only keys that begin so, behind the client's prefix. */
  readonly prefix?: string | Uint8Array
  /** The position to resume after. */
  readonly since?: string | undefined
  /** Lists the items first, unless `since` can be resumed; and again after each gap. */
  readonly initial?: boolean
  /** Changes have the value of their item. */
  readonly values?: boolean
  /** Ends the loop with an error (ABORTED). */
  readonly signal?: AbortSignal
}
