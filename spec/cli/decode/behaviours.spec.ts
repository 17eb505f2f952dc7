import { expect } from 'chai'
import { decodeFrame, encodeFrame } from '../../../lib/protocol/index.js'
import { BEHAVIOURS } from '../../support/behaviour.js'
import { casOf, frameLength, keyIn, opaqueOf, splitFrames } from '../../support/frames.js'
import { loadBehaviours } from '../../support/load-behaviours.js'
import { runTool } from '../../support/tool.js'

/** Of either direction, with a cas that is easy to recognize. */
const messages = (): Buffer[] =>
  BEHAVIOURS.flatMap(({ exchanges }) => exchanges)
    .flatMap(({ request, replies }) => [request, ...replies])
    .map(({ bytes, casName }) => bytes(casName === undefined ? 0n : 987_654_321n))

const isBinary = (bytes: Buffer): boolean => bytes[0]! >= 0x80
const frames = (): Buffer[] => manyOf(messages().filter(isBinary).flatMap(splitFrames))
const lines = (): Buffer[] => manyOf(messages().filter((bytes) => !isBinary(bytes)))

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
