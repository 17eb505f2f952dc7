import { transcripts } from '../transcripts.js'

export const SET = transcripts(
  'meta.set',
  `
  # set: ms answers HD
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

  # negative-time: A negative time ends the item at once
  > ms {k} 1 T-1
  > v
  < HD
  > mg {k} t
  < EN

  # quiet: q says nothing of success
  > ms {k} 1 q
  > v
  > mg {k} v
  < VA 1
  < v

  # key-and-opaque: k and O come back
  > ms {k} 1 k Oab
  > v
  < HD k{k} Oab

  # returns-cas: c returns the cas of what was stored
  > ms {k} 1 c
  > v
  < HD c{cas a}
  > mg {k} c
  < HD c{cas a}

  # returns-size: s returns the length of what was stored
  ! since 1.6.45: s is passed over
  > ms {k} 5 s
  > first
  < HD s5

  # order: Flags come back in the order of the request
  > ms {k} 1 Ob k
  > v
  < HD Ob k{k}
  > ms {k} 1 k Ob
  > v
  < HD k{k} Ob

  # explicit-cas: E sets the cas
  ! since 1.6.45: E is no flag
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

  # cas-missing: C where nothing is is NF
  > ms {k} 1 C1
  > v
  < NF
  > mg {k}
  < EN

  # cas-wrong-quiet: q does answer EX
  > ms {k} 5
  > first
  < HD
  > ms {k} 6 C1 q
  > second
  < EX

  # add: ME stores where nothing is
  > ms {k} 1 ME
  > v
  < HD

  # add-existing: ME of what is there is NS
  > ms {k} 5
  > first
  < HD
  > ms {k} 6 ME
  > second
  < NS
  > mg {k} v
  < VA 5
  < first

  # replace: MR stores where something is
  > ms {k} 5
  > first
  < HD
  > ms {k} 6 MR
  > second
  < HD
  > mg {k} v
  < VA 6
  < second

  # replace-missing: MR where nothing is is NS
  > ms {k} 1 MR
  > v
  < NS

  # append: MA puts its value behind
  > ms {k} 5
  > first
  < HD
  > ms {k} 1 MA
  > +
  < HD
  > mg {k} v
  < VA 6
  < first+

  # append-missing: MA where nothing is is NS
  > ms {k} 1 MA
  > +
  < NS

  # append-vivify: MA with N stores where nothing is
  ! since 1.6.45: N is no flag of ms
  > ms {k} 1 MA N100
  > v
  < HD
  > mg {k} v
  < VA 1
  < v

  # prepend: MP puts its value before
  > ms {k} 5
  > first
  < HD
  > ms {k} 1 MP
  > +
  < HD
  > mg {k} v
  < VA 6
  < +first

  # prepend-missing: MP where nothing is is NS
  > ms {k} 1 MP
  > +
  < NS

  # mode-set: MS is what ms does anyway
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

  # wrong-mode: A mode that there is not is a CLIENT_ERROR, and the value is swallowed
  > ms {k} 1 MZ
  > v
  < CLIENT_ERROR invalid mode for ms M token
  > mg {k}
  < EN

  # base64: b tells that the key is in base64
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

  # length-no-number: A length that is no number is a CLIENT_ERROR
  > ms {k} x
  < CLIENT_ERROR {any}

  # bad-data-chunk: Data that do not end where they should are CLIENT_ERROR bad data chunk
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

  # unknown-flag: A flag that there is not is CLIENT_ERROR invalid flag, and the value is swallowed
  > ms {k} 1 !
  > v
  < CLIENT_ERROR invalid flag
`,
)
