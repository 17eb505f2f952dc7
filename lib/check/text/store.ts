import { transcripts } from '../transcripts.js'

export const STORE = transcripts(
  'text.store',
  `
  # set: set returns STORED, and replaces an existing value
  > set {k} 1 0 5
  > first
  < STORED
  > set {k} 2 0 6
  > second
  < STORED
  > get {k}
  < VALUE {k} 2 6
  < second
  < END

  # set-noreply: set with noreply stores, and sends no reply
  > set {k} 0 0 1 noreply
  > v
  > get {k}
  < VALUE {k} 0 1
  < v
  < END

  # add: add stores if the key is missing
  > add {k} 0 0 1
  > v
  < STORED
  > get {k}
  < VALUE {k} 0 1
  < v
  < END

  # add-existing: add of an existing key is NOT_STORED, and changes nothing
  > set {k} 0 0 5
  > first
  < STORED
  > add {k} 0 0 6
  > second
  < NOT_STORED
  > get {k}
  < VALUE {k} 0 5
  < first
  < END

  # add-noreply: add with noreply stores, and sends no reply
  > add {k} 0 0 1 noreply
  > 1
  > add {k} 0 0 1 noreply
  > 2
  > get {k}
  < VALUE {k} 0 1
  < 1
  < END

  # replace: replace stores if the key exists
  > set {k} 0 0 5
  > first
  < STORED
  > replace {k} 4 0 6
  > second
  < STORED
  > get {k}
  < VALUE {k} 4 6
  < second
  < END

  # replace-missing: replace of a missing key is NOT_STORED
  > replace {k} 0 0 1
  > v
  < NOT_STORED
  > get {k}
  < END

  # replace-noreply: replace with noreply sends no reply, whether it stores or not
  > replace {k} 0 0 1 noreply
  > 1
  > set {k} 0 0 1 noreply
  > 2
  > replace {k} 0 0 1 noreply
  > 3
  > get {k}
  < VALUE {k} 0 1
  < 3
  < END

  # append: append adds its value at the end, and keeps the flags of the item
  > set {k} 7 0 3
  > one
  < STORED
  > append {k} 0 0 4
  > {sp}two
  < STORED
  > get {k}
  < VALUE {k} 7 7
  < one two
  < END

  # append-missing: append of a missing key is NOT_STORED
  > append {k} 0 0 1
  > v
  < NOT_STORED

  # append-noreply: append with noreply appends, and sends no reply
  > set {k} 0 0 1 noreply
  > 1
  > append {k} 0 0 1 noreply
  > 2
  > get {k}
  < VALUE {k} 0 2
  < 12
  < END

  # prepend: prepend adds its value at the beginning, and keeps the flags of the item
  > set {k} 7 0 3
  > two
  < STORED
  > prepend {k} 0 0 4
  > one{sp}
  < STORED
  > get {k}
  < VALUE {k} 7 7
  < one two
  < END

  # prepend-missing: prepend of a missing key is NOT_STORED
  > prepend {k} 0 0 1
  > v
  < NOT_STORED

  # prepend-noreply: prepend with noreply prepends, and sends no reply
  > set {k} 0 0 1 noreply
  > 2
  > prepend {k} 0 0 1 noreply
  > 1
  > get {k}
  < VALUE {k} 0 2
  < 12
  < END

  # flags: Flags are unsigned numbers of 32 bits
  > set {k} 4294967295 0 1
  > v
  < STORED
  > get {k}
  < VALUE {k} 4294967295 1
  < v
  < END

  # flags-0: Flags of 0 are returned as 0
  > set {k} 0 0 1
  > v
  < STORED
  > get {k}
  < VALUE {k} 0 1
  < v
  < END

  # large-value: A value of 500,000 bytes is returned whole
  > set {k} 0 0 500000
  > {x*500000}
  < STORED
  > get {k}
  < VALUE {k} 0 500000
  < {x*500000}
  < END

  # too-large: A value above the limit is SERVER_ERROR object too large for cache, and is skipped
  ! tries the limit
  > set {k} 0 0 {length 1}
  > {max+1}
  < SERVER_ERROR object too large for cache
  > get {k}
  < END

  # too-large-over-old: A value above the limit removes the old one
  ! tries the limit
  > set {k} 0 0 3
  > old
  < STORED
  > set {k} 0 0 {length 1}
  > {max+1}
  < SERVER_ERROR object too large for cache
  > get {k}
  < END

  # bad-data-chunk: Data of the wrong length is CLIENT_ERROR bad data chunk, and nothing is stored
  > set {k} 0 0 3
  > blue
  < CLIENT_ERROR bad data chunk
  < ERROR
  > get {k}
  < END

  # negative-length: A negative length is CLIENT_ERROR bad command line format at once
  > set {k} 0 0 -1
  < CLIENT_ERROR bad command line format

  # huge-length: A length of 2^32 - 1 is CLIENT_ERROR bad command line format at once
  > set {k} 0 0 4294967295
  < CLIENT_ERROR bad command line format

  # largest-int: A length of 2^31 - 1 is CLIENT_ERROR bad command line format at once
  > set {k} 0 0 2147483647
  < CLIENT_ERROR bad command line format

  # length-no-number: A length that is not a number is CLIENT_ERROR bad command line format
  > set {k} 0 0 x
  < CLIENT_ERROR bad command line format

  # flags-no-number: Flags that are not a number are CLIENT_ERROR bad command line format
  > set {k} x 0 -1
  < CLIENT_ERROR bad command line format

  # time-no-number: A time that is not a number is an error
  > set {k} 0 x -1
  < {error}

  # too-few-words: set without a length is an error
  > set {k} 0 0
  < {error}

  # too-long-key: set of a key of 251 bytes is an error, and stores nothing
  > set {k:251} 0 0 -1
  < CLIENT_ERROR bad command line format

  # bare-lf: The line of a set may end in LF only, its data may not
  > set {k} 0 0 1{lf}v{cr}{lf}{join}
  < STORED
`,
)
