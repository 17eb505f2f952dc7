import { expect } from 'chai'
import { exchange } from '../support/binary-client.js'
import type { Connection } from '../support/connection.js'
import {
  frameLength,
  itemExtras,
  Op,
  request,
  showFrame,
  splitFrames,
  statusOf,
  valueIn,
} from '../support/frames.js'
import { Random } from '../support/random.js'
import { useServer } from '../support/server.js'
import { randomCuts, randomInput } from './frame-source.js'

/** The inputs of a run are always the same; SEED=N makes others. */
const SEED = Number(process.env['SEED'] ?? 1)
const INPUT_COUNT = Number(process.env['RUNS'] ?? 500)

describe('Fuzzed frames', () => {
  const server = useServer()
  let observer: Connection
  before(async () => {
    observer = await server().connect()
  })
  after(() => observer.close())

  /** Sends an input in pieces and returns all replies. The server may cut damaged input short. */
  async function send(pieces: readonly Buffer[]): Promise<Buffer> {
    const connection = await server().connect()
    for (const [index, piece] of pieces.entries()) {
      connection.send(piece)
      // Now and then the server reads a piece before the next one is sent.
      if (index % 8 === 0) await exchange(observer, request(Op.NOOP))
    }
    connection.endSide()
    const { bytes, ending } = await connection.receiveRest()
    connection.close()
    return ending === 'end of stream' ? bytes : Buffer.alloc(0)
  }

  it(`are answered with whole replies, and disturb no other client: ${INPUT_COUNT} inputs (seed ${SEED})`, async function () {
    this.timeout(120_000 + INPUT_COUNT * 100)
    this.slow(30_000)
    const random = new Random(SEED)
    for (let n = 0; n < INPUT_COUNT; n++) {
      const value = random.bytes(random.below(3000))
      await exchange(observer, request(Op.SET, { key: 'observer', value, extras: itemExtras() }))

      const received = await send(randomCuts(random, randomInput(random)))
      for (const frame of splitFrames(received))
        if (!isWhole(frame)) expect.fail(`input ${n} was answered with ${showFrame(frame)}`)

      // The input may have contained a flush.
      const got = await exchange(observer, request(Op.GET, { key: 'observer' }))
      if (statusOf(got) === 0) expect(valueIn(got).equals(value), `after input ${n}`).to.equal(true)
      else expect(statusOf(got)).to.equal(1)
      expect(server().output, `after input ${n}`).to.equal('')
    }
    expect(server().isRunning).to.equal(true)
  })
})

const isWhole = (frame: Buffer): boolean =>
  frame[0] === 0x81 && frame[5] === 0 && frameLength(frame) === frame.length
