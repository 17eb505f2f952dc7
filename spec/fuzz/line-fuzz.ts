import { ok as assert } from 'node:assert/strict'
import { Random } from '../support/random.js'
import { TEXT_WIRE } from '../support/text-replies.js'
import { createWorkerKit } from '../support/worker-kit.js'
import { randomLines } from './line-source.js'
import { PLAIN_MANNER, playLines, randomManner } from './line-wire.js'
import { MARKED } from './marker.js'
import { ReluctantJournal } from './reluctant-journal.js'

const MEMORY_LENGTH = 64 * 1024 * 1024

/**
 * Text and meta without sockets: the same streams go to two servers, to one of them whole, to the other in pieces, over
 * sockets that are full now and then, with a journal that is not always ready. Both must send the same valid replies,
 * and keep no window.
 */
export class LineFuzz {
  readonly seed: number
  streamCount = 0
  replyCount = 0
  private readonly random: Random
  private readonly journal: ReluctantJournal
  private readonly plain = createWorkerKit({ memoryLength: MEMORY_LENGTH, protocol: 'auto' })
  private readonly cut = createWorkerKit({ memoryLength: MEMORY_LENGTH, protocol: 'auto' })

  constructor(seed: number) {
    this.seed = seed
    this.random = new Random(seed)
    this.journal = new ReluctantJournal(this.random)
    this.cut.data.journal = this.journal
  }

  /** How often a connection had to wait for the journal. */
  get waitCount(): number {
    return this.journal.waitCount
  }

  async run(streamCount: number): Promise<void> {
    const { random } = this
    for (let count = 0; count < streamCount; count++) {
      const stream = randomLines(random)
      this.streamCount++
      const [expected, got] = [
        await playLines(this.plain.worker, stream, PLAIN_MANNER),
        await playLines(this.cut.worker, stream, randomManner(random)),
      ]
      const where = `in stream ${this.streamCount} of seed ${this.seed}`
      assert(
        got.hasEnded === expected.hasEnded,
        `whether the connection is closed depends on the cut, ${where}`,
      )
      assert(
        withoutFigures(got.replies).equals(withoutFigures(expected.replies)),
        `the replies differ from those to the whole lines, ${where}`,
      )
      assert(!got.replies.includes(MARKED), `bytes of free memory are sent, ${where}`)
      for (const { worker } of [this.plain, this.cut])
        assert(worker.pool.takenCount === WINDOWS_OF_A_WORKER, `a window is lost, ${where}`)
      const replies = TEXT_WIRE.split(expected.replies)
      this.replyCount += replies.length
      for (const reply of replies)
        assert(REPLY.test(reply.toString('latin1')), `${TEXT_WIRE.show(reply)} is no reply, ${where}`)
    }
  }
}

/** Figures of a process and of its segments differ between servers. */
const withoutFigures = (replies: Buffer): Buffer =>
  replies.includes('STAT ')
    ? Buffer.from(replies.toString('latin1').replaceAll(/^(STAT \S+) .*$/gm, '$1'), 'latin1')
    : replies

/** One to read into, one for replies, and a spare one for those. */
const WINDOWS_OF_A_WORKER = 3

const REPLY = new RegExp(
  `^(${[
    'STORED|NOT_STORED|EXISTS|NOT_FOUND|DELETED|TOUCHED|OK|END|RESET|ERROR|\\d+|MN',
    '(CLIENT_ERROR|SERVER_ERROR:?|MEMLIMIT_\\w+|NOSPARE|SAME|BADCLASS|Error|VERSION) [^\\n]+',
    '(HD|NF|NS|EX|EN)( [^\\n]+)?|ME [^\\n]+|mg [^\\n]+|PREFIX [^\\n]+|ITEM [^\\n]+',
    'ERROR [^\\n]+',
  ].join('|')})\\r\\n$|^(VA|VALUE|STAT|key=)`,
)
