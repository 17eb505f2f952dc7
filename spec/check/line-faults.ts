/** Servers that break a rule of text or meta. */
import { type Fault, fault } from './fault.js'

/** Replaces text in requests or replies, one byte a character. */
const replacing =
  (pattern: RegExp, replacement: string) =>
  (piece: Buffer): Buffer =>
    Buffer.from(piece.toString('latin1').replaceAll(pattern, replacement), 'latin1')

const says = (what: string, caughtBy: string, pattern: RegExp, replacement: string): Fault =>
  fault(what, caughtBy, { reply: replacing(pattern, replacement) })
const hears = (what: string, caughtBy: string, pattern: RegExp, replacement: string): Fault =>
  fault(what, caughtBy, { request: replacing(pattern, replacement) })

export const TEXT_FAULTS: readonly Fault[] = [
  says('ends its lines in LF', 'text.store.set', /STORED\r\n/g, 'STORED\n'),
  says('answers NOT_FOUND for NOT_STORED', 'text.store.add-existing', /NOT_STORED/g, 'NOT_FOUND'),
  says('answers gets without a cas', 'text.get.gets', /^(VALUE \S+ \d+ \d+) \d+/gm, '$1'),
  says('answers get with a cas', 'text.get.hit', /^(VALUE \S+ \d+ \d+)\r/gm, '$1 5\r'),
  says('answers get without END', 'text.get.miss', /END\r\n/g, ''),
  says('forgets the flags', 'text.store.flags', /^(VALUE \S+) \d+ (\d+)/gm, '$1 0 $2'),
  says('has an empty statistic', 'text.session.stats', /^(STAT pid) .*\r/gm, '$1 \r'),
  says('answers a delete with OK', 'text.delete.hit', /DELETED/g, 'OK'),
  says('answers a counter with a sign', 'text.counter.incr', /^(\d+)\r\n/gm, '+$1\r\n'),
  says('has a short text for a wrong number', 'text.counter.text', /cannot increment[^\r]*/g, 'not a number'),
  says('does not answer unknown commands', 'text.session.unknown', /^ERROR\r\n/gm, ''),
  hears('does not know noreply', 'text.delete.noreply', / noreply/g, ''),
  hears('ignores the cas', 'text.cas.wrong', /^cas (\S+ \d+ \d+ \d+) \d+/gm, 'set $1'),
  hears('lets add replace an existing item', 'text.store.add-existing', /^add /gm, 'set '),
  hears('treats a negative time as no expiry', 'text.expiry.negative', /^(set \S+ \d+) -1/gm, '$1 0'),
  hears('accepts commands in capitals', 'text.session.case', /^GET /gm, 'get '),
  hears('ignores the old time of delete', 'text.delete.time', /^(delete \S+) 5/gm, '$1'),
]

export const META_FAULTS: readonly Fault[] = [
  says('answers a miss with END', 'meta.get.miss', /^EN\r/gm, 'END\r'),
  says('answers OK for HD', 'meta.set.set', /^HD/gm, 'OK'),
  says('ends HD in a space', 'meta.get.hit', /^HD\r/gm, 'HD \r'),
  says('returns the flags in one order', 'meta.get.order', / s4 f5/g, ' f5 s4'),
  says('forgets the opaque', 'meta.get.opaque', / Oabc/g, ''),
  says('forgets who wins', 'meta.recache.vivify-again', / W\r/g, '\r'),
  says('sends no stale mark', 'meta.delete.stale', / X/g, ''),
  says('answers NF for NS', 'meta.set.replace-missing', /^NS/gm, 'NF'),
  hears('answers quiet requests', 'meta.get.quiet-miss', /^(mg .*) q\r/gm, '$1\r'),
  hears('ignores the cas', 'meta.set.cas-wrong', /^(ms \S+ \d+) C\d+/gm, '$1'),
  hears('always counts up', 'meta.arithmetic.decrement', / MD/g, ''),
  hears('takes no delta', 'meta.arithmetic.delta', / D5/g, ''),
  hears('lets ME replace an existing item', 'meta.set.add-existing', / ME/g, ''),
  hears(
    'removes items instead of marking them stale',
    'meta.delete.invalidate-keeps-value',
    /^(md \S+) I/gm,
    '$1',
  ),
  hears('has no base64', 'meta.keys.base64', / b /g, ' '),
]
