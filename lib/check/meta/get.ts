import { transcripts } from '../transcripts.js'

export const GET = transcripts(
  'meta.get',
  `
  # hit: mg without flags answers a hit with HD
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k}
  < HD

  # miss: mg answers a miss with EN
  > mg {k}
  < EN

  # value: mg with v answers VA, the length, and the value
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} v
  < VA 4
  < blue

  # value-miss: mg with v answers a miss with EN
  > mg {k} v
  < EN

  # empty-value: mg with v answers an empty value with VA 0 and an empty line
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

  # cas: c returns the cas, the same while nothing changes
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} c
  < HD c{cas a}
  > mg {k} c
  < HD c{cas a}

  # time-left: t returns -1 for an item that does not end
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} t
  < HD t-1

  # time-left-seconds: t returns the seconds that are left
  > ms {k} 1 T100
  > v
  < HD
  > mg {k} t
  < HD t{number}

  # order: Flags come back in the order of the request
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} s f k Oq t
  < HD s4 f5 k{k} Oq t-1
  > mg {k} t Oq k f s
  < HD t-1 Oq k{k} f5 s4

  # order-with-value: v has no place of its own among the flags
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} f v s
  < VA 4 f5 s4
  < blue

  # miss-with-flags: A miss tells no flags that were asked for but k and O
  > mg {k} s f t v
  < EN

  # miss-with-key: A miss returns k and O
  > mg {k} k Oab
  < EN k{k} Oab

  # quiet-miss: q says nothing of a miss
  > mg {k} q

  # quiet-hit: q does answer a hit
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} q v
  < VA 4
  < blue

  # quiet-run: Quiet misses are left out among the others
  > ms {k} 4 F5
  > blue
  < HD
  > mg {a} q k
  > mg {k} q k
  > mg {b} q k
  < HD k{k}
`,
)
