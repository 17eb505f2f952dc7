/** A small journal, cut at every byte and with every bit of it flipped. */
import { expect } from 'chai'
import { journalName } from '../../lib/journal/format/file-header.js'
import { DIRECTORY, KeptStore } from '../support/kept-store.js'
import { MemoryDisk } from '../support/memory-disk.js'
import { Random } from '../support/random.js'

const PATH = `${DIRECTORY}/${journalName(1, 0)}`
const KEYS = Array.from({ length: 8 }, (_, index) => `key ${index}`)

interface Written {
  readonly bytes: Buffer
  /** Where each frame ended, and the items at that point. */
  readonly frames: readonly { readonly end: number; readonly contents: ReadonlyMap<string, string> }[]
}

/** A journal with a frame for each change. Synced in the middle, and on request at the end. */
async function write(isSyncedAtEnd: boolean): Promise<Written> {
  const disk = new MemoryDisk()
  const kept = await KeptStore.open(disk)
  const frames = [{ end: disk.contentOf(PATH).length, contents: kept.contents(KEYS) }]
  for (const [step, key] of KEYS.entries()) {
    kept.setText(key, `value ${step}`)
    if (step === 5) kept.driver.remove(KEYS[0]!)
    await kept.acknowledge()
    frames.push({ end: disk.contentOf(PATH).length, contents: kept.contents(KEYS) })
    if (step === 3) await kept.journal.sync()
  }
  if (isSyncedAtEnd) {
    await kept.journal.sync()
    kept.driver.clock.now++
    kept.tick()
    frames.push({ end: disk.contentOf(PATH).length, contents: kept.contents(KEYS) })
  }
  return { bytes: Buffer.from(disk.contentOf(PATH)), frames }
}

async function open(bytes: Buffer): Promise<KeptStore | string> {
  const disk = new MemoryDisk()
  disk.put(PATH, bytes)
  try {
    return await KeptStore.open(disk)
  } catch (error) {
    expect(disk.trace).to.have.length(0)
    expect(disk.contentOf(PATH).equals(bytes)).to.equal(true)
    return (error as Error).message
  }
}

describe('A journal', function () {
  this.slow(20_000)

  it('that was cut at any byte has every frame before the cut, and one log line', async () => {
    const { bytes, frames } = await write(false)
    for (let length = 0; length < bytes.length; length++) {
      const kept = await open(bytes.subarray(0, length))
      if (typeof kept === 'string') throw new Error(`cut at ${length}: ${kept}`)
      const whole = frames.filter(({ end }) => end <= length).at(-1)
      expect(kept.contents(KEYS), `cut at ${length}`).to.deep.equal(whole?.contents ?? new Map())
      const isTorn = length !== 32 && whole?.end !== length
      expect(kept.said.filter((line) => line.includes('cut off'))).to.have.length(isTorn ? 1 : 0)
    }
  })

  it('that ends in zeros or in garbage has every frame before them', async () => {
    const { bytes, frames } = await write(true)
    const random = new Random(3)
    const garbage = Buffer.from(Array.from({ length: 5000 }, () => random.below(256)))
    for (const { end, contents } of frames) {
      for (const tail of [Buffer.alloc(1), Buffer.alloc(5000), garbage]) {
        const kept = await open(Buffer.concat([bytes.subarray(0, end), tail]))
        if (typeof kept === 'string') throw new Error(kept)
        expect(kept.contents(KEYS)).to.deep.equal(contents)
      }
    }
  })

  it('whose torn end is full of what looks like frames is read quickly', async () => {
    const { bytes, frames } = await write(false)
    const lookalike = Buffer.alloc(16)
    lookalike.write('FRAM', 'latin1')
    lookalike.writeUInt32LE(4 * 1024 * 1024, 8)
    const begunMs = performance.now()
    const kept = await open(Buffer.concat([bytes, Buffer.alloc(16 * 1024 * 1024, lookalike)]))
    if (typeof kept === 'string') throw new Error(kept)
    expect(kept.contents(KEYS)).to.deep.equal(frames.at(-1)!.contents)
    expect(performance.now() - begunMs).to.be.below(5000)
  })

  it("with any bit flipped before the last frame is refused, with the file's name and the offset", async () => {
    const { bytes, frames } = await write(true)
    const lastStart = frames.at(-2)!.end
    // One of three: each place of a byte, and each byte, has its turn.
    for (let bit = 0; bit < lastStart * 8; bit += 3) {
      const flipped = Buffer.from(bytes)
      flipped[bit >>> 3]! ^= 1 << (bit & 7)
      const kept = await open(flipped)
      const start = frames.filter(({ end }) => end <= bit >>> 3).at(-1)?.end ?? 0
      expect(kept, `bit ${bit}`).to.be.a('string')
      expect(kept, `bit ${bit}`).to.match(/^\/data: journal-0000000001-0000 .* at byte \d+;/)
      if (start > 0) expect(kept).to.include(`at byte ${start};`)
    }
  })

  it('with any bit of the last frame flipped loses only that frame', async () => {
    const { bytes, frames } = await write(false)
    const { end, contents } = frames.at(-2)!
    for (let bit = end * 8; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >>> 3]! ^= 1 << (bit & 7)
      const kept = await open(flipped)
      if (typeof kept === 'string') throw new Error(`bit ${bit}: ${kept}`)
      expect(kept.contents(KEYS)).to.deep.equal(contents)
    }
  })

  it('with a hole in its synced part is refused, and with one behind that is cut off there', async () => {
    const { bytes, frames } = await write(false)
    const [early, later] = [2, 6].map((index) => {
      const holed = Buffer.from(bytes)
      holed.fill(0, frames[index]!.end, frames[index + 1]!.end)
      return holed
    })
    expect(await open(early!)).to.match(/is damaged in a part that was on disk before/)
    const kept = await open(later!)
    if (typeof kept === 'string') throw new Error(kept)
    expect(kept.contents(KEYS)).to.deep.equal(frames[6]!.contents)
  })
})
