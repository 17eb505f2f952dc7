/**
 * The client library of the engine's protocol, as far as this folder needs it. It is loaded only here, and only by a gateway:
 * whoever starts one installs it beside keepcached.
 */
export interface EngineClient {
  /** `ready` while commands can be sent. */
  readonly status: string
  readonly stream?: EngineStream
  connect(): Promise<void>
  disconnect(): void
  sendCommand(command: ClientCommand): Promise<unknown>
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'ready' | 'close', listener: () => void): unknown
}

/** The socket of a client. */
export interface EngineStream {
  cork(): void
  uncork(): void
  destroy(): unknown
}

export interface ClientCommand {
  readonly promise: Promise<unknown>
}

export interface ClientLibrary {
  readonly Redis: new (options: Readonly<Record<string, unknown>>) => EngineClient
  readonly Command: new (
    name: string,
    words: readonly (string | Buffer)[],
    options: { readonly replyEncoding: null },
  ) => ClientCommand
}

const LIBRARY: string = 'iovalkey'

export async function loadClientLibrary(): Promise<ClientLibrary> {
  try {
    const { default: library } = (await import(LIBRARY)) as { default: ClientLibrary }
    return library
  } catch (error) {
    throw new Error(`--gateway needs the package ${LIBRARY}: run npm install ${LIBRARY}`, { cause: error })
  }
}
