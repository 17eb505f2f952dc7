import type { Output } from '../../arena/output.js'
import { OF_SENT_BYTES } from '../faults/effect.js'
import type { Faults } from '../faults/faults.js'
import { steadyMs } from '../time/real-time.js'
import type { ClientLink } from './client-links.js'
import type { ReplyMark } from './reply-mark.js'

/**
 * Marks the bytes of the reply that is being encoded, for the wire of its connection: with the positions of the output before
 * and after it. A get of several keys has one reply, which is encoded key by key:
 *
 *     VALUE a 0 1\r\n1\r\n │ VALUE b 0 1\r\n2\r\n │ VALUE c 0 1\r\n3\r\nEND\r\n
 *                          ╰── a mark of b ──────────────────────────────────╯
 */
export class ReplyMarks {
  /** Of the worker, which is built after its engine. */
  output!: Output
  /** They end with the reply that is being encoded. */
  private readonly open: ReplyMark[] = []
  private link: ClientLink | undefined = undefined
  /** Where the reply ends, if that had to be measured before a part of it was taken away. */
  private end: number | undefined = undefined
  private readonly faults: Faults

  constructor(faults: Faults) {
    this.faults = faults
  }

  /** A reply to this connection begins. */
  begin(link: ClientLink): void {
    this.link = link
  }

  get isEmpty(): boolean {
    return this.open.length === 0
  }

  /** Marks the reply. `hasMore`: the replies to further keys are a part of it. */
  add(link: ClientLink, effect: ReplyMark['effect'], hasMore = false): void {
    const start = this.placeOn(link)
    const end = hasMore ? Number.POSITIVE_INFINITY : start
    const mark: ReplyMark = {
      ...{ start, end, effect, sinceMs: steadyMs() },
      ...{ hasBegun: false, length: 0, cut: undefined },
    }
    if (hasMore) link.lineMark = mark
    else this.open.push(mark)
    link.wire.mark(mark)
  }

  /** Sends these bytes instead of the reply. Within a line that has a mark, they are a part of what that one marks. */
  replace(link: ClientLink, bytes: Buffer): void {
    if (link.lineMark === undefined) this.add(link, { kind: 'replace', bytes })
    else link.lineMark.cut = { start: this.placeOn(link), bytes }
  }

  /** The mark of a line ends with the reply that is being encoded. */
  endLine(link: ClientLink): void {
    if (link.lineMark !== undefined) this.open.push(link.lineMark)
    link.lineMark = undefined
  }

  /** There is no reply yet. */
  takeBack(link: ClientLink): void {
    const mark = this.open.pop()
    if (mark !== undefined) link.wire.unmark(mark)
  }

  /** A value leaves the output now and is sent later; it is still a part of the reply. */
  measure(): void {
    if (this.link !== undefined) this.end = this.placeOn(this.link)
  }

  /** The reply has been encoded. */
  finish(): void {
    const { link } = this
    if (link === undefined) return
    const end = this.end ?? this.placeOn(link)
    this.link = undefined
    this.end = undefined
    for (const mark of this.open.splice(0)) {
      mark.end = end
      const { effect } = mark
      if (mark.start === end && effect.kind !== 'replace' && OF_SENT_BYTES.has(effect.kind)) {
        link.wire.unmark(mark)
        this.faults.takeBack(effect)
      } else {
        link.wire.markEnded(mark)
      }
    }
  }

  /** How many bytes the connection has produced, with those in the output. */
  private placeOn({ wire }: ClientLink): number {
    return wire.producedLength + this.output.byteLength
  }
}
