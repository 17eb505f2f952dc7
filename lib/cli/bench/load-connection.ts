import { ClientError } from '../../client/client-error.js'
import { Connection } from '../../client/connection/connection.js'
import type { ConnectionOptions } from '../../client/connection/connection-options.js'
import { BenchCall, type CallListener } from './bench-call.js'

/** A connection that is made again when it is lost, and the calls that take turns on it. */
export class LoadConnection {
  readonly calls: readonly BenchCall[]
  private readonly options: ConnectionOptions
  private readonly listener: CallListener
  private connection: Connection | undefined
  private timer: NodeJS.Timeout | undefined
  private isClosed = false

  constructor(options: ConnectionOptions, listener: CallListener) {
    this.options = options
    this.listener = listener
    this.calls = Array.from({ length: options.inFlightMax }, () => new BenchCall(this, listener))
  }

  get isReady(): boolean {
    return this.connection?.state === 'ready'
  }

  /** Rejects if the first attempt fails; later ones are repeated. */
  open(): Promise<void> {
    return new Promise((resolve, reject) => this.connect(resolve, reject))
  }

  send(call: BenchCall): void {
    this.connection!.send(call)
  }

  /** Ends the connection if its oldest request is too old. */
  checkAge(nowMs: number, ageMsMax: number): void {
    const { connection } = this
    const oldest = connection?.ring.first
    if (oldest instanceof BenchCall && nowMs - oldest.sentMs > ageMsMax)
      void connection!.close(new ClientError('TIMEOUT', `${this.options.name} does not reply`))
  }

  async close(): Promise<void> {
    this.isClosed = true
    clearTimeout(this.timer)
    await this.connection?.close(new ClientError('CLOSED', 'the load is over'))
  }

  private connect(onOpen: () => void, onFailure: (error: Error) => void): void {
    this.connection = new Connection(this.options, {
      onReady: () => {
        onOpen()
        for (const call of this.calls) if (call.place === 'lost') this.listener.onFree(call)
      },
      onRoom: () => undefined,
      onClosed: (_, error) => {
        onFailure(error)
        if (this.isClosed) return
        const again = () => this.connect(ignore, ignore)
        this.timer = setTimeout(again, RECONNECT_MS).unref()
      },
    })
  }
}

const ignore = (): void => undefined
const RECONNECT_MS = 100
