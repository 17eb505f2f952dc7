import { transcripts } from '../transcripts.js'

export const GET = transcripts(
  'meta.get',
  `
  # hit: mg without flags returns a hit with HD
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k}
  < HD

  # miss: mg returns a miss with EN
  > mg {k}
  < EN

  # value: mg with v returns VA, the length, and the value
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} v
  < VA 4
  < blue

  # value-miss: mg with v returns a miss with EN
  > mg {k} v
  < EN

  # empty-value: mg with v returns an empty value with VA 0 and an empty line
  > ms {k} 0
  >
  < HD
  > mg {k} v
  < VA 0
  <

  # any-bytes: A value may hold any byte
  > ms {k} 10
  > {nul}{cr}{lf}EN{cr}{lf}{byte ff}{nul}x
  < HD
  > mg {k} v
  < VA 10
  < {nul}
  < EN
  < {byte ff}{nul}x

  # client-flags: f returns the client flags
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} f
  < HD f5

  # size: s returns the length of the value
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} s
  < HD s4

  # value-and-size: v and s together return both
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} s v
  < VA 4 s4
  < blue

  # key: k returns the key
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} k
  < HD k{k}

  # opaque: O returns its token
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} Oabc
  < HD Oabc

  # cas: c returns the cas, which stays until the item changes
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} c
  < HD c{cas a}
  > mg {k} c
  < HD c{cas a}

  # time-left: t returns -1 for an item without an expiry
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} t
  < HD t-1

  # time-left-seconds: t returns the remaining seconds
  > ms {k} 1 T100
  > v
  < HD
  > mg {k} t
  < HD t{number}

  # order: Flags are returned in the order of the request
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} s f k Oq t
  < HD s4 f5 k{k} Oq t-1
  > mg {k} t Oq k f s
  < HD t-1 Oq k{k} f5 s4

  # order-with-value: v may be anywhere among the flags
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} f v s
  < VA 4 f5 s4
  < blue

  # miss-with-flags: Of the requested flags a miss returns only k and O
  > mg {k} s f t v
  < EN

  # miss-with-key: A miss returns k and O
  > mg {k} k Oab
  < EN k{k} Oab

  # quiet-miss: q sends no reply on a miss
  > mg {k} q

  # quiet-hit: q returns a hit
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} q v
  < VA 4
  < blue

  # quiet-run: Quiet misses are left out among other replies
  > ms {k} 4 F5
  > blue
  < HD
  > mg {a} q k
  > mg {k} q k
  > mg {b} q k
  < HD k{k}
`,
)
