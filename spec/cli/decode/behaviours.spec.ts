import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import { decodeFrame, encodeFrame } from '../../../lib/protocol/index.js'
import { EXCHANGES } from '../../support/behaviour.js'
import { casOf, frameLength, keyIn, opaqueOf, splitFrames } from '../../support/frames.js'
import { runTool } from '../../support/tool.js'

/** Of either direction, with a cas that is easy to recognize. */
const messages = (): Buffer[] =>
  EXCHANGES.flatMap(({ request, replies }) => [request, ...replies]).map(({ bytes, casName }) =>
    bytes(casName === undefined ? 0n : 987_654_321n),
  )

const isBinary = (bytes: Buffer): boolean => bytes[0]! >= 0x80
const frames = (): Buffer[] => manyOf(messages().filter(isBinary).flatMap(splitFrames))
const lines = (): Buffer[] => manyOf(messages().filter((bytes) => !isBinary(bytes)))

/**
 * Fills EXCHANGES. If mocha has loaded the suites in this process already, nothing more happens; a process that mocha
 * gave only other files loads them here, without running any.
 */
async function loadBehaviours(): Promise<void> {
  const { describe, it, before, after, beforeEach, afterEach } = globalThis
  const ignore = Object.assign(() => {}, { skip: () => {} })
  const open = (_title: string, body: () => void): void => body()
  const hooks = { before: ignore, after: ignore, beforeEach: ignore, afterEach: ignore }
  Object.assign(globalThis, { describe: open, it: ignore, ...hooks })
  try {
    for (const name of readdirSync(SUITES).filter((file) => file.endsWith('.spec.js')))
      await import(new URL(name, SUITES).href)
  } finally {
    Object.assign(globalThis, { describe, it, before, after, beforeEach, afterEach })
  }
}

const SUITES = new URL('../../behaviour/', import.meta.url)

/** Without exchanges the spec would assert nothing. */
function manyOf(bytes: Buffer[]): Buffer[] {
  expect(bytes.length).to.be.above(500)
  return bytes
}

describe('decode, of all traffic of the behaviour suite', () => {
  before(loadBehaviours)

  it('prints every message, and finds no fault in any', async () => {
    for (const input of [frames(), lines()]) {
      const { out, code } = await runTool(['decode'], { input })
      const wrong = out.split('\n').filter((line) => / ! byte | line /.test(line))
      expect({ code, wrong }).to.deep.equal({ code: 0, wrong: [] })
    }
  })

  it('prints the offset, opaque, cas and key of each frame', async () => {
    let offset = 0
    const all = frames()
    const { out } = await runTool(['decode'], { input: all })
    const printed = out.split('\n')
    for (const [index, frame] of all.entries()) {
      const line = printed[index]!
      expect(line).to.match(new RegExp(`^${offset} `))
      expect(line).to.include(`opaque=0x${opaqueOf(frame).toString(16).padStart(8, '0')}`)
      if (casOf(frame) !== 0n) expect(line).to.include(`cas=${casOf(frame)}`)
      if (/^[\w-]+$/.test(keyIn(frame))) expect(line).to.include(`key="${keyIn(frame)}"`)
      offset += frameLength(frame)!
    }
  })

  it('uses a codec that returns every frame unchanged', () => {
    for (const frame of frames()) expect(encodeFrame(decodeFrame(frame)!.frame).equals(frame)).to.equal(true)
  })
})
