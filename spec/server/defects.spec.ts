import { expect } from 'chai'
import { Counter } from '../../lib/metrics/counters.js'
import { Defects } from '../../lib/server/workers/defects.js'
import type { Store } from '../../lib/store/store.js'
import { ClientWithoutSocket } from '../support/client-without-socket.js'
import { itemExtras, Op, reply, request } from '../support/frames.js'
import { checkInvariants } from '../support/store-invariants.js'
import { line } from '../support/text-replies.js'
import { createWorkerKit, type WorkerKit } from '../support/worker-kit.js'

const MEGABYTE = 1024 * 1024
const LONG = 'l'.repeat(100_000)

/** Replaces a method by one that throws, before or after its work, and at its first call only. */
function breakOnce<T extends object>(owner: T, method: keyof T & string, isAfter = false): void {
  const whole = (owner[method] as (...given: unknown[]) => unknown).bind(owner)
  Object.defineProperty(owner, method, {
    configurable: true,
    value: (...given: unknown[]) => {
      Object.defineProperty(owner, method, { configurable: true, value: whole })
      if (isAfter) whole(...given)
      throw new Error(`a defect in ${method}`)
    },
  })
}

describe('A request that triggers a defect of the server', () => {
  let kit: WorkerKit
  let reported: unknown[]
  let client: ClientWithoutSocket

  beforeEach(() => {
    kit = createWorkerKit({ memoryLength: 4 * MEGABYTE, protocol: 'auto' })
    reported = []
    kit.context.serverControl.reportDefect = (error) => reported.push(error)
    kit.worker.reportDefect = kit.context.serverControl.reportDefect
    client = new ClientWithoutSocket(kit.worker)
  })

  const ask = (...lines: string[]) => client.ask(Buffer.concat(lines.map(line)))

  afterEach(() => {
    client.connection.closed()
    checkInvariants(kit.worker.arena.words, kit.store)
    expect(kit.store.segments.pool.pinnedCount).to.equal(0)
  })

  it('is answered with an error, and the next ones are executed', () => {
    // It reports room, and there is none.
    Object.defineProperty(kit.store, 'makeRoom', {
      configurable: true,
      value: () => delete (kit.store as Partial<Store>).makeRoom,
    })
    expect(ask('set a 0 0 1', '1', 'set b 0 0 1', '2', 'get a b')).to.equal(
      'SERVER_ERROR internal error\r\nSTORED\r\nVALUE b 0 1\r\n2\r\nEND\r\n',
    )
    expect(reported.map(String)).to.deep.equal(['Error: no room was made for an item'])
  })

  it('is answered with an error in the binary protocol, too', () => {
    breakOnce(kit.store, 'makeRoom', true)
    const set = request(Op.SET, { key: 'key', value: 'value', extras: itemExtras() })
    expect(client.ask(set)).to.equal(
      reply(Op.SET, { status: 0x84, value: 'Internal error' }).toString('latin1'),
    )
  })

  it('leaves nothing behind of a long value', () => {
    breakOnce(kit.store, 'prepareIndex')
    expect(ask(`set short 0 0 1`, 's')).to.equal('SERVER_ERROR internal error\r\n')
    breakOnce(kit.context, 'absoluteTime')
    expect(ask(`set long 0 0 ${LONG.length}`, LONG)).to.equal('SERVER_ERROR internal error\r\n')
    expect(ask('get long')).to.equal('END\r\n')
  })

  it('is answered while its value is still arriving, and the value is skipped', () => {
    breakOnce(kit.store, 'stage')
    expect(ask(`set long 0 0 ${LONG.length}`, LONG, 'get long')).to.equal(
      'SERVER_ERROR internal error\r\nEND\r\n',
    )
  })

  it('closes only its own connection if the defect lies outside the commands', () => {
    breakOnce(kit.worker.output, 'replies')
    expect(ask('set a 0 0 1', '1')).to.equal('')
    expect(client.isDestroyed).to.equal(true)
    expect(new ClientWithoutSocket(kit.worker).ask(line('get a'))).to.equal('VALUE a 0 1\r\n1\r\nEND\r\n')
    expect(reported).to.have.length(1)
  })

  it('leaves no value linked or held for its reply', () => {
    expect(ask(`set long 0 0 ${LONG.length}`, LONG)).to.equal('STORED\r\n')
    breakOnce(kit.worker.output, 'link', true)
    expect(ask('get long')).to.equal('')
    expect(kit.worker.output.linkCount).to.equal(0)
    // Nor is its item held any more.
    const [head] = new ClientWithoutSocket(kit.worker).ask(line('get long')).split('\r\n', 1)
    expect(head).to.equal(`VALUE long 0 ${LONG.length}`)
  })
})

describe('A request that is interrupted while it changes an item', () => {
  for (const method of ['publish', 'overwrite', 'remove'] as const)
    it(`ends the server, since memory may be inconsistent: ${method}`, () => {
      const kit = createWorkerKit({ memoryLength: 4 * MEGABYTE, protocol: 'auto' })
      const client = new ClientWithoutSocket(kit.worker)
      const ask = (...lines: string[]) => client.ask(Buffer.concat(lines.map(line)))
      ask('set a 0 0 1', '1')
      breakOnce(kit.store, method)
      const defect = `a defect in ${method}`
      expect(() => ask('set a 0 0 1', '2', 'set b 0 0 1', '3', 'delete a')).to.throw(defect)
    })
})

describe('Defects', () => {
  it('are all counted, and not all logged', () => {
    const { worker } = createWorkerKit({ memoryLength: MEGABYTE })
    const { counters } = worker
    const said: string[] = []
    const defects = new Defects(counters, { say: (_level: number, message: string) => said.push(message) })
    for (let i = 0; i < 100; i++) defects.report(new Error(`defect ${i}`))
    expect(counters.read(Counter.internal_errors)).to.equal(100)
    expect(said).to.have.length(1)
    expect(said[0]).to.include('a request was given up because of a defect: Error: defect 0')
  })
})
