import { transcripts } from '../transcripts.js'

export const COUNTER = transcripts(
  'text.counter',
  `
  # incr: incr returns the new number
  > set {k} 0 0 2
  > 10
  < STORED
  > incr {k} 5
  < 15
  > get {k}
  < VALUE {k} 0 2
  < 15
  < END

  # decr: decr returns the new number
  > set {k} 0 0 2
  > 15
  < STORED
  > decr {k} 5
  < 10

  # incr-missing: incr of a missing key is NOT_FOUND
  > incr {k} 1
  < NOT_FOUND
  > get {k}
  < END

  # decr-missing: decr of a missing key is NOT_FOUND
  > decr {k} 1
  < NOT_FOUND

  # incr-noreply: incr with noreply counts, and sends no reply
  > set {k} 0 0 1
  > 1
  < STORED
  > incr {k} 1 noreply
  > get {k}
  < VALUE {k} 0 1
  < 2
  < END

  # decr-noreply: decr with noreply counts, and sends no reply
  > set {k} 0 0 1
  > 2
  < STORED
  > decr {k} 1 noreply
  > get {k}
  < VALUE {k} 0 1
  < 1
  < END

  # wraps: incr wraps at 2^64
  > set {k} 0 0 20
  > 18446744073709551615
  < STORED
  > incr {k} 1
  < 0

  # stops: decr stops at 0
  > set {k} 0 0 1
  > 3
  < STORED
  > decr {k} 5
  < 0

  # beyond-double: Numbers beyond 2^53 are exact
  > set {k} 0 0 16
  > 9007199254740992
  < STORED
  > incr {k} 1
  < 9007199254740993

  # largest-delta: A delta has 64 bits
  > set {k} 0 0 1
  > 5
  < STORED
  > incr {k} 18446744073709551610
  < 18446744073709551615

  # padded: A number that becomes shorter keeps its length, padded with spaces
  > set {k} 0 0 2
  > 10
  < STORED
  > decr {k} 1
  < 9
  > get {k}
  < VALUE {k} 0 2
  < 9{sp}
  < END

  # longer: A number may become longer
  > set {k} 0 0 2
  > 99
  < STORED
  > incr {k} 1
  < 100
  > get {k}
  < VALUE {k} 0 3
  < 100
  < END

  # text: incr of a text is an error, and changes nothing
  > set {k} 0 0 4
  > blue
  < STORED
  > incr {k} 1
  < CLIENT_ERROR cannot increment or decrement non-numeric value
  > get {k}
  < VALUE {k} 0 4
  < blue
  < END

  # decr-text: decr of a text is an error
  > set {k} 0 0 4
  > blue
  < STORED
  > decr {k} 1
  < CLIENT_ERROR cannot increment or decrement non-numeric value

  # delta-no-number: A delta that is not a number is CLIENT_ERROR invalid numeric delta argument
  > incr {k} x
  < CLIENT_ERROR invalid numeric delta argument

  # negative-delta: A negative delta is CLIENT_ERROR invalid numeric delta argument
  > incr {k} -1
  < CLIENT_ERROR invalid numeric delta argument

  # no-delta: incr without a delta is an error
  > incr {k}
  < {error}

  # keeps-flags: Counting keeps the flags
  > set {k} 9 0 1
  > 1
  < STORED
  > incr {k} 1
  < 2
  > get {k}
  < VALUE {k} 9 1
  < 2
  < END

  # too-long-key: incr of a key of 251 bytes is CLIENT_ERROR bad command line format
  > incr {k:251} 1
  < CLIENT_ERROR bad command line format
`,
)
