import type { Random } from '../support/random.js'
import { randomFrame } from './frame-source.js'
import { goodFrame, LOGIN } from './good-frame.js'

/** What one peer sends: this many frames in a row, most of them valid. */
export interface Stream {
  readonly bytes: Buffer
  readonly frameCount: number
}

/** With `isLoginWanted` most streams begin with a login. */
export function randomStream(random: Random, isLoginWanted: boolean): Stream {
  const frameCount = 1 + random.below(random.pick(FRAME_COUNTS))
  const spoiledShare = random.pick(SPOILED_SHARES)
  const frames: Buffer[] = isLoginWanted && random.chance(LOGIN_SHARE) ? [LOGIN] : []
  while (frames.length < frameCount) {
    const frame = random.chance(spoiledShare) ? randomFrame(random) : goodFrame(random)
    frames.push(frame)
    if (random.chance(DOUBLED_SHARE)) frames.push(frame)
  }
  const bytes = Buffer.concat(frames)
  const isCut = random.chance(CUT_SHARE)
  return { bytes: isCut ? bytes.subarray(0, random.below(bytes.length)) : bytes, frameCount: frames.length }
}

const FRAME_COUNTS = [4, 30, 30, 100, 400]
/** A spoiled frame mostly ends the connection, so there are many streams without one. */
const SPOILED_SHARES = [0, 0, 0.01, 0.2]
const DOUBLED_SHARE = 0.01
/** The peer breaks off in the middle of a frame. */
const CUT_SHARE = 0.1
const LOGIN_SHARE = 0.9
