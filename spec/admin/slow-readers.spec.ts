/** Clients that request much over HTTP and read nothing. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Writable } from 'node:stream'
import { mock } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { Admin } from '../../lib/admin/admin.js'
import { Budget } from '../../lib/admin/http/budget.js'
import type { Exchange } from '../../lib/admin/http/exchange.js'
import { sendText } from '../../lib/admin/http/exchange.js'
import { Parameters } from '../../lib/admin/http/parameters.js'
import { boundReading } from '../../lib/admin/http/slow-readers.js'
import { LIST_PARAMETERS, listItems } from '../../lib/admin/items/list-items.js'
import {
  ADMIN_LISTING_COUNT_MAX,
  ADMIN_PIPELINED_COUNT_MAX,
  ADMIN_RESPONSE_MS_MAX,
  ADMIN_RESPONSES_LENGTH_MAX,
  ADMIN_VALUE_LENGTH_MAX,
} from '../../lib/request/limits.js'
import type { AdminAccess } from '../../lib/server/admin-access.js'
import { useAdmin } from '../support/admin.js'

/** A response whose client reads a piece when the spec says so. */
class Unread extends Writable {
  length = 0
  private readonly done: (() => void)[] = []

  constructor() {
    super({ highWaterMark: 16_384 })
  }

  writeHead(): this {
    return this
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.length += chunk.length
    this.done.push(done)
  }

  read(): void {
    this.done.shift()?.()
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) await nextTurn()
}

describe('a list of keys that its client does not read', () => {
  const admin = useAdmin()
  const COUNT = 20_000
  let own: Admin

  before(async () => {
    const connection = await admin().connect()
    const lines = Array.from(
      { length: COUNT },
      (_, key) => `set ${'k'.repeat(200)}${key} 0 0 1 noreply\r\nx\r\n`,
    )
    connection.send(Buffer.from(`${lines.join('')}mn\r\n`))
    await connection.receiveUntil(Buffer.from('MN\r\n'))
    connection.close()
    own = new Admin({
      store: admin().server['worker'].store,
      options: { dumpEnabled: true },
    } as unknown as AdminAccess)
  })
  after(() => own.close())

  function list(): { response: Unread; listed: Promise<void> } {
    const response = new Unread()
    const parameters = new Parameters(`limit=${COUNT}`, LIST_PARAMETERS)
    return { response, listed: listItems({ admin: own, response, parameters } as unknown as Exchange) }
  }

  const freePlaces = (): number => {
    let count = 0
    while (own.listings.take(1)) count++
    own.listings.give(count)
    return count
  }

  it('waits in the index, not in memory', async () => {
    const { response, listed } = list()
    await turns()
    const buffered = response.length + response.writableLength
    expect(buffered).to.be.within(1, 2_000_000)
    while (!response.writableFinished) {
      response.read()
      await nextTurn()
    }
    await listed
    expect(response.length).to.be.above(COUNT * 250)
    expect(response.length).to.be.above(2 * buffered)
  })

  it('keeps its place among the lists until it is read, or its client has gone', async () => {
    const { response, listed } = list()
    await turns()
    expect(freePlaces()).to.equal(ADMIN_LISTING_COUNT_MAX - 1)
    while (!response.writableEnded) {
      response.read()
      await nextTurn()
    }
    await turns()
    expect(freePlaces()).to.equal(ADMIN_LISTING_COUNT_MAX - 1)
    response.destroy()
    await listed
    expect(freePlaces()).to.equal(ADMIN_LISTING_COUNT_MAX)
  })

  it('is given up when it was not read in time', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const { response, listed } = list()
      await turns()
      mock.timers.tick(ADMIN_RESPONSE_MS_MAX - 1)
      expect(response.destroyed).to.equal(false)
      mock.timers.tick(1)
      expect(response.destroyed).to.equal(true)
      await listed
      expect(freePlaces()).to.equal(ADMIN_LISTING_COUNT_MAX)
    } finally {
      mock.timers.reset()
    }
  })
})

describe('responses that their clients do not read', () => {
  it('have a bound together, and are given up when they were not read in time', () => {
    const admin = { responses: new Budget(ADMIN_RESPONSES_LENGTH_MAX) } as unknown as Admin
    const text = 'x'.repeat(ADMIN_RESPONSES_LENGTH_MAX / 2)
    const answer = (): Unread => {
      const response = new Unread()
      sendText({ admin, response } as unknown as Exchange, text)
      return response
    }
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const responses = [answer(), answer()]
      expect(answer).to.throw('too many bytes of responses are on their way; try again')
      mock.timers.tick(ADMIN_RESPONSE_MS_MAX)
      expect(responses.map(({ destroyed }) => destroyed)).to.deep.equal([true, true])
    } finally {
      mock.timers.reset()
    }
  })

  it('give back what they have taken', async () => {
    const admin = { responses: new Budget(ADMIN_RESPONSES_LENGTH_MAX) } as unknown as Admin
    for (let time = 0; time < 3; time++) {
      const response = new Unread()
      sendText({ admin, response } as unknown as Exchange, 'x'.repeat(ADMIN_RESPONSES_LENGTH_MAX))
      const closed = once(response, 'close')
      response.destroy()
      await closed
    }
  })

  it('are not given up when they are read', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const response = new Unread()
      boundReading(response as never)
      response.end('x')
      response.read()
      await turns()
      expect(response.writableFinished).to.equal(true)
    } finally {
      mock.timers.reset()
    }
  })
})

describe('requests of one HTTP connection before their responses are read', () => {
  const admin = useAdmin({ memoryMegabytes: 256, itemSizeMax: 17 * 1024 * 1024 })
  const GET = 'GET /v1/items/long HTTP/1.1\r\nHost: localhost\r\n\r\n'
  const LENGTH = 1_000_000

  before(async () => {
    const connection = await admin().connect()
    for (const [key, length] of [
      ['long', LENGTH],
      ['longest', ADMIN_VALUE_LENGTH_MAX],
    ] as const) {
      connection.send(Buffer.from(`set ${key} 0 0 ${length}\r\n${'x'.repeat(length)}\r\n`))
      await connection.receiveUntil(Buffer.from('STORED\r\n'))
    }
    connection.close()
  })

  async function open(text: string): Promise<Socket> {
    const socket = connect(admin().port, '127.0.0.1').on('error', () => undefined)
    socket.pause()
    await new Promise<void>((resolve) => socket.write(text, () => resolve()))
    return socket
  }

  it('are answered one after the other, and leave nothing behind when the client goes', async () => {
    // More than all values that may be on their way.
    for (let round = 0; round < 8; round++) {
      const socket = await open(GET.repeat(32))
      socket.resume()
      await once(socket, 'data')
      socket.destroy()
    }
    expect((await admin().send('/v1/items/longest')).status).to.equal(200)
  })

  it('have a bound', async () => {
    const count = 16 * ADMIN_PIPELINED_COUNT_MAX
    const socket = await open('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(count))
    let text = ''
    socket.on('data', (piece) => {
      text += piece
    })
    socket.resume()
    await once(socket, 'close')
    expect(text.split('HTTP/1.1 200').length - 1).to.be.below(count)
    expect((await admin().send('/healthz')).status).to.equal(200)
  })
})
