/** How many requests of a worker may be on their way to the engine, and how many bytes of their values. */
import { expect } from 'chai'
import { GatewayCall, type GatewayHandler } from '../../lib/gateway/gateway-call.js'
import { GatewayEngine } from '../../lib/gateway/gateway-engine.js'
import type { GatewayParts } from '../../lib/gateway/gateway-parts.js'
import { Command } from '../../lib/request/command.js'
import { Request } from '../../lib/request/request.js'
import { Status } from '../../lib/request/status.js'
import { createWorkerKit } from '../support/worker-kit.js'

const MEGABYTE = 1024 * 1024
const COUNT_MAX = 8192
const LENGTH_MAX = 64 * MEGABYTE
/** The engine replies when the spec says so. */
const LATER: GatewayHandler = { begin: () => undefined, finish: () => undefined }

describe('Requests on their way to an engine', () => {
  const { worker, context } = createWorkerKit({ memoryLength: MEGABYTE })
  let isHeldUp: boolean
  let engine: GatewayEngine

  beforeEach(() => {
    isHeldUp = false
    const parts = { context, isHeldUp: () => isHeldUp } as unknown as GatewayParts
    engine = new GatewayEngine(worker.engine, parts, worker.readStart)
  })

  function begin(valueLength: number): GatewayCall {
    const request = new Request()
    request.command = Command.SET
    const call = new GatewayCall(context.arena.bytes, request, LATER, Buffer.allocUnsafe(valueLength))
    engine.start(call, () => undefined)
    return call
  }

  it('are 8192 at most', () => {
    for (let count = 1; count < COUNT_MAX; count++) begin(0)
    expect(engine.hasRoom).to.equal(true)
    const last = begin(0)
    expect(engine.hasRoom).to.equal(false)
    let madeCount = 0
    engine.waitForRoom({ roomMade: () => madeCount++ })
    last.replied(undefined)
    expect([engine.hasRoom, madeCount]).to.deep.equal([true, 1])
  })

  it('have 64 MiB of values at most, or one value more', () => {
    const first = begin(LENGTH_MAX - 1)
    expect(engine.hasRoom).to.equal(true)
    begin(1)
    expect(engine.hasRoom).to.equal(false)
    first.replied(undefined)
    expect(engine.hasRoom).to.equal(true)
  })

  it('to a node that does not reply fail when half of the room is taken', () => {
    isHeldUp = true
    begin(LENGTH_MAX / 2 - 1)
    expect(begin(1).isDone).to.equal(false)
    const refused = begin(0)
    expect([refused.isDone, refused.status]).to.deep.equal([true, Status.TEMPORARY_FAILURE])
    isHeldUp = false
    expect(begin(0).isDone).to.equal(false)
  })

  it('may bring 64 MiB of values that are not sent yet, before connections are closed for them', () => {
    begin(0).replied(Buffer.allocUnsafe(LENGTH_MAX))
    expect(engine.isShort).to.equal(false)
    const more = begin(0)
    more.replied([Buffer.allocUnsafe(1)])
    expect(engine.isShort).to.equal(true)
    engine.drop(more)
    expect(engine.isShort).to.equal(false)
  })
})
