import { transcripts } from '../transcripts.js'

export const SET = transcripts(
  'meta.set',
  `
  # set: ms returns HD
  > ms {k} 5
  > first
  < HD
  > mg {k} v
  < VA 5
  < first

  # set-over: ms replaces value and client flags
  > ms {k} 5 F7
  > first
  < HD
  > ms {k} 6
  > second
  < HD
  > mg {k} v f
  < VA 6 f0
  < second

  # client-flags: F sets the client flags
  > ms {k} 1 F4294967295
  > v
  < HD
  > mg {k} f
  < HD f4294967295

  # time: T sets the time to live
  > ms {k} 1 T100
  > v
  < HD
  > mg {k} t
  < HD t{number}

  # negative-time: With a negative time the item expires at once
  > ms {k} 1 T-1
  > v
  < HD
  > mg {k} t
  < EN

  # quiet: q sends no reply on success
  > ms {k} 1 q
  > v
  > mg {k} v
  < VA 1
  < v

  # key-and-opaque: k and O are returned
  > ms {k} 1 k Oab
  > v
  < HD k{k} Oab

  # returns-cas: c returns the cas of the stored item
  > ms {k} 1 c
  > v
  < HD c{cas a}
  > mg {k} c
  < HD c{cas a}

  # returns-size: s returns the length of the stored value
  ! since 1.6.45: s is ignored
  > ms {k} 5 s
  > first
  < HD s5

  # order: Flags are returned in the order of the request
  > ms {k} 1 Ob k
  > v
  < HD Ob k{k}
  > ms {k} 1 k Ob
  > v
  < HD k{k} Ob

  # explicit-cas: E sets the cas
  ! since 1.6.45: E is not a flag
  > ms {k} 1 E12345
  > v
  < HD
  > mg {k} c
  < HD c12345

  # cas-right: C with the cas of the item stores
  > ms {k} 5
  > first
  < HD
  > mg {k} c
  < HD c{cas a}
  > ms {k} 6 C{cas a}
  > second
  < HD
  > mg {k} v
  < VA 6
  < second

  # cas-wrong: C with another cas is EX, and changes nothing
  > ms {k} 5
  > first
  < HD
  > ms {k} 6 C1
  > second
  < EX
  > mg {k} v
  < VA 5
  < first

  # cas-missing: C with a missing key is NF
  > ms {k} 1 C1
  > v
  < NF
  > mg {k}
  < EN

  # cas-wrong-quiet: q returns EX
  > ms {k} 5
  > first
  < HD
  > ms {k} 6 C1 q
  > second
  < EX

  # add: ME stores if the key is missing
  > ms {k} 1 ME
  > v
  < HD

  # add-existing: ME of an existing key is NS
  > ms {k} 5
  > first
  < HD
  > ms {k} 6 ME
  > second
  < NS
  > mg {k} v
  < VA 5
  < first

  # replace: MR stores if the key exists
  > ms {k} 5
  > first
  < HD
  > ms {k} 6 MR
  > second
  < HD
  > mg {k} v
  < VA 6
  < second

  # replace-missing: MR of a missing key is NS
  > ms {k} 1 MR
  > v
  < NS

  # append: MA adds its value at the end
  > ms {k} 5
  > first
  < HD
  > ms {k} 1 MA
  > +
  < HD
  > mg {k} v
  < VA 6
  < first+

  # append-missing: MA of a missing key is NS
  > ms {k} 1 MA
  > +
  < NS

  # append-vivify: MA with N stores if the key is missing
  ! since 1.6.45: N is not a flag of ms
  > ms {k} 1 MA N100
  > v
  < HD
  > mg {k} v
  < VA 1
  < v

  # prepend: MP adds its value at the beginning
  > ms {k} 5
  > first
  < HD
  > ms {k} 1 MP
  > +
  < HD
  > mg {k} v
  < VA 6
  < +first

  # prepend-missing: MP of a missing key is NS
  > ms {k} 1 MP
  > +
  < NS

  # mode-set: MS is the default mode of ms
  > ms {k} 5
  > first
  < HD
  > ms {k} 6 MS
  > second
  < HD
  > mg {k} v
  < VA 6
  < second

  # append-keeps-flags: MA keeps the client flags
  > ms {k} 1 F9
  > a
  < HD
  > ms {k} 1 MA
  > b
  < HD
  > mg {k} v f
  < VA 2 f9
  < ab

  # wrong-mode: An unknown mode is a CLIENT_ERROR, and the value is skipped
  > ms {k} 1 MZ
  > v
  < CLIENT_ERROR invalid mode for ms M token
  > mg {k}
  < EN

  # base64: b means that the key is in base64
  > ms {base64 k} 4 b k
  > blue
  < HD k{base64 k} b
  > mg {k} v
  < VA 4
  < blue

  # no-length: ms without a length is a CLIENT_ERROR
  > ms {k}
  < CLIENT_ERROR bad command line format

  # negative-length: A negative length is a CLIENT_ERROR
  > ms {k} -1
  < CLIENT_ERROR {any}

  # length-no-number: A length that is not a number is a CLIENT_ERROR
  > ms {k} x
  < CLIENT_ERROR {any}

  # bad-data-chunk: Data of the wrong length is CLIENT_ERROR bad data chunk
  > ms {k} 3
  > blue
  < CLIENT_ERROR bad data chunk
  < {any}
  > mg {k}
  < EN

  # too-long-key: A key of 251 bytes is CLIENT_ERROR bad command line format
  > ms {k:251} x
  < CLIENT_ERROR bad command line format

  # empty: A value may be empty
  > ms {k} 0
  >
  < HD
  > mg {k} s
  < HD s0

  # unknown-flag: An unknown flag is CLIENT_ERROR invalid flag, and the value is skipped
  > ms {k} 1 !
  > v
  < CLIENT_ERROR invalid flag
`,
)
