import { transcripts } from '../transcripts.js'

export const EXPIRY = transcripts(
  'text.expiry',
  `
  # touch: touch answers TOUCHED
  > set {k} 0 0 1
  > v
  < STORED
  > touch {k} 60
  < TOUCHED
  > get {k}
  < VALUE {k} 0 1
  < v
  < END

  # touch-miss: touch where nothing is is NOT_FOUND
  > touch {k} 60
  < NOT_FOUND

  # touch-noreply: touch with noreply says nothing
  > set {k} 0 0 1
  > v
  < STORED
  > touch {k} 60 noreply
  > touch {other} 60 noreply

  # touch-no-number: touch with a time that is no number is CLIENT_ERROR invalid exptime argument
  > touch {k} soon
  < CLIENT_ERROR invalid exptime argument

  # touch-lengthens: touch lets an item live on
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

  # gat-lengthens: gat lets an item live on
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

  # ends: An item ends when its seconds are over
  > set {k} 0 1 1
  > v
  < STORED
  . wait 3
  > get {k}
  < END

  # never: A time of 0 is never
  > set {k} 0 0 1
  > v
  < STORED
  . wait 3
  > get {k}
  < VALUE {k} 0 1
  < v
  < END

  # negative: A negative time stores, and ends the item at once
  > set {k} 0 -1 1
  > v
  < STORED
  > get {k}
  < END

  # touch-negative: touch with a negative time ends the item at once
  > set {k} 0 0 1
  > v
  < STORED
  > touch {k} -1
  < TOUCHED
  > get {k}
  < END

  # absolute-past: Beyond 30 days a time is one since 1970: one that is past stores, and ends the item at once
  > set {k} 0 2592001 1
  > v
  < STORED
  > get {k}
  < END

  # thirty-days: Up to 30 days a time counts from now
  > set {k} 0 2592000 1
  > v
  < STORED
  > get {k}
  < VALUE {k} 0 1
  < v
  < END

  # add-over: add stores over what has ended
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

  # append-ended: What has ended cannot be appended to
  > set {k} 0 -1 5
  > first
  < STORED
  > append {k} 0 0 1
  > +
  < NOT_STORED

  # incr-ended: What has ended cannot be counted
  > set {k} 0 -1 1
  > 1
  < STORED
  > incr {k} 1
  < NOT_FOUND
`,
)
