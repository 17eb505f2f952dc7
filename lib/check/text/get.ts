import { transcripts } from '../transcripts.js'

export const GET = transcripts(
  'text.get',
  `
  # hit: get returns key, flags and length, then the value, then END
  > set {k} 5 0 4
  > blue
  < STORED
  > get {k}
  < VALUE {k} 5 4
  < blue
  < END

  # miss: get of a missing key returns only END
  > get {k}
  < END

  # several: get of several keys returns the hits in the order of the keys, and one END
  > set {a} 1 0 1
  > A
  < STORED
  > set {c} 3 0 1
  > C
  < STORED
  > get {c} {b} {a}
  < VALUE {c} 3 1
  < C
  < VALUE {a} 1 1
  < A
  < END

  # same-key-twice: get of a key that is given twice returns it twice
  > set {k} 0 0 1
  > v
  < STORED
  > get {k} {k}
  < VALUE {k} 0 1
  < v
  < VALUE {k} 0 1
  < v
  < END

  # gets: gets returns the cas after the length
  > set {k} 5 0 4
  > blue
  < STORED
  > gets {k}
  < VALUE {k} 5 4 {cas a}
  < blue
  < END
  > gets {k}
  < VALUE {k} 5 4 {cas a}
  < blue
  < END

  # gets-miss: gets of a missing key returns only END
  > gets {k}
  < END

  # gets-several: gets of several keys returns a different cas for each
  > set {a} 0 0 1
  > A
  < STORED
  > set {b} 0 0 1
  > B
  < STORED
  > gets {a} {b}
  < VALUE {a} 0 1 {cas a}
  < A
  < VALUE {b} 0 1 {cas b}
  < B
  < END

  # no-key: get without a key is an error, and the connection stays open
  > get
  < {error}
  > get {k}
  < END

  # gets-no-key: gets without a key is an error
  > gets
  < {error}

  # empty-value: A value may be empty
  > set {k} 0 0 0
  >
  < STORED
  > get {k}
  < VALUE {k} 0 0
  <
  < END

  # value-of-any-bytes: A value may hold any byte: only its length ends it
  > set {k} 0 0 12
  > {nul}{cr}{lf}END{cr}{lf}{byte 80}{byte ff}{nul}x
  < STORED
  > get {k}
  < VALUE {k} 0 12
  < {nul}
  < END
  < {byte 80}{byte ff}{nul}x
  < END

  # longest-key: A key may have 250 bytes
  > set {k:250} 0 0 1
  > v
  < STORED
  > get {k:250}
  < VALUE {k:250} 0 1
  < v
  < END

  # too-long-key: get of a key of 251 bytes is CLIENT_ERROR bad command line format
  > get {k:251}
  < CLIENT_ERROR bad command line format

  # too-long-key-among-others: A key that is too long is an error before any hit is returned
  > set {k} 0 0 1
  > v
  < STORED
  > get {k} {l:251}
  < CLIENT_ERROR bad command line format

  # utf8-key: A key may hold bytes beyond ASCII
  > set {k}{byte c3}{byte a9} 0 0 1
  > v
  < STORED
  > get {k}{byte c3}{byte a9}
  < VALUE {k}{byte c3}{byte a9} 0 1
  < v
  < END
  > delete {k}{byte c3}{byte a9}
  < DELETED

  # bare-lf: A line may end in LF only
  > get {k}{lf}{join}
  < END

  # spaces: Several spaces count as one, and spaces at the end of a line are ignored
  > set {k} 0 0 1
  > v
  < STORED
  > get   {k}  {sp}
  < VALUE {k} 0 1
  < v
  < END

  # pipeline: Lines that arrive together are answered in order
  > get {a}
  > set {k} 0 0 1
  > v
  > get {k}
  > delete {k}
  > get {k}
  < END
  < STORED
  < VALUE {k} 0 1
  < v
  < END
  < DELETED
  < END

  # many-keys: A get line may be longer than 2048 bytes
  > get {a:250} {b:250} {c:250} {d:250} {e:250} {f:250} {g:250} {h:250} {i:250} {j:250}
  < END

  # gat: gat returns a hit as get does
  > set {k} 5 0 4
  > blue
  < STORED
  > gat 60 {k}
  < VALUE {k} 5 4
  < blue
  < END

  # gats: gats returns a hit as gets does
  > set {k} 5 0 4
  > blue
  < STORED
  > gats 60 {k}
  < VALUE {k} 5 4 {cas a}
  < blue
  < END
  > gets {k}
  < VALUE {k} 5 4 {cas a}
  < blue
  < END

  # gat-several: gat of several keys returns the hits and one END
  > set {a} 0 0 1
  > A
  < STORED
  > gat 60 {a} {b}
  < VALUE {a} 0 1
  < A
  < END

  # gat-miss: gat of a missing key returns only END
  > gat 60 {k}
  < END

  # gat-wrong-time: gat with a time that is not a number is CLIENT_ERROR invalid exptime argument
  > gat soon {k}
  < CLIENT_ERROR invalid exptime argument
`,
)
