import { transcripts } from '../transcripts.js'

export const EXPIRY = transcripts(
  'text.expiry',
  `
  # touch: touch returns TOUCHED
  > set {k} 0 0 1
  > v
  < STORED
  > touch {k} 60
  < TOUCHED
  > get {k}
  < VALUE {k} 0 1
  < v
  < END

  # touch-miss: touch of a missing key is NOT_FOUND
  > touch {k} 60
  < NOT_FOUND

  # touch-noreply: touch with noreply sends no reply
  > set {k} 0 0 1
  > v
  < STORED
  > touch {k} 60 noreply
  > touch {other} 60 noreply

  # touch-no-number: touch with a time that is not a number is CLIENT_ERROR invalid exptime argument
  > touch {k} soon
  < CLIENT_ERROR invalid exptime argument

  # touch-lengthens: touch extends the life of an item
  > set {k} 0 2 1
  > v
  < STORED
  > touch {k} 60
  < TOUCHED
  . wait 4
  > get {k}
  < VALUE {k} 0 1
  < v
  < END

  # gat-lengthens: gat extends the life of an item
  > set {k} 0 2 1
  > v
  < STORED
  > gat 60 {k}
  < VALUE {k} 0 1
  < v
  < END
  . wait 4
  > get {k}
  < VALUE {k} 0 1
  < v
  < END

  # ends: An item expires after its seconds
  > set {k} 0 1 1
  > v
  < STORED
  . wait 3
  > get {k}
  < END

  # never: An item with a time of 0 never expires
  > set {k} 0 0 1
  > v
  < STORED
  . wait 3
  > get {k}
  < VALUE {k} 0 1
  < v
  < END

  # negative: A set with a negative time succeeds, and the item expires at once
  > set {k} 0 -1 1
  > v
  < STORED
  > get {k}
  < END

  # touch-negative: With a negative time of touch the item expires at once
  > set {k} 0 0 1
  > v
  < STORED
  > touch {k} -1
  < TOUCHED
  > get {k}
  < END

  # absolute-past: A time beyond 30 days is absolute: with one in the past a set succeeds, and the item expires at once
  > set {k} 0 2592001 1
  > v
  < STORED
  > get {k}
  < END

  # thirty-days: A time up to 30 days is relative
  > set {k} 0 2592000 1
  > v
  < STORED
  > get {k}
  < VALUE {k} 0 1
  < v
  < END

  # add-over: add stores if the item has expired
  > set {k} 0 -1 5
  > first
  < STORED
  > add {k} 0 0 6
  > second
  < STORED
  > get {k}
  < VALUE {k} 0 6
  < second
  < END

  # append-ended: append to an expired item is NOT_STORED
  > set {k} 0 -1 5
  > first
  < STORED
  > append {k} 0 0 1
  > +
  < NOT_STORED

  # incr-ended: incr of an expired item is NOT_FOUND
  > set {k} 0 -1 1
  > 1
  < STORED
  > incr {k} 1
  < NOT_FOUND
`,
)
