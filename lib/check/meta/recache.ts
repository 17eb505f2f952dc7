import { transcripts } from '../transcripts.js'

export const RECACHE = transcripts(
  'meta.recache',
  `
  # hit-before: h returns whether the item was read before
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} h
  < HD h0
  > mg {k} h
  < HD h1

  # last-access: l returns the seconds since the last access
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} l
  < HD l0

  # no-bump: u does not change h
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} u
  < HD
  > mg {k} h
  < HD h0

  # touch: T sets a new time to live
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} T100
  < HD
  > mg {k} t
  < HD t{number}

  # touch-for-ever: T0 removes the expiry
  > ms {k} 1 T100
  > v
  < HD
  > mg {k} T0
  < HD
  > mg {k} t
  < HD t-1

  # touch-negative: With a negative T the item expires at once
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} T-1
  < HD
  > mg {k}
  < EN

  # time-before-touch: t before T returns the old time, t after T the new one
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} t T100
  < HD t-1
  > mg {k} T0 t
  < HD t-1

  # vivify: N creates an item on a miss, and W asks the client to set its value
  > mg {k} v s N30
  < VA 0 s0 W
  <

  # vivify-again: The second client receives Z in place of W
  > mg {k} s N30
  < HD s0 W
  > mg {k} s N30
  < HD s0 Z

  # vivify-time: An item created by N has the time to live of N
  > mg {k} N30 t
  < HD t30 W

  # vivify-then-set: A set over an item created by N stores an ordinary item
  > mg {k} N30
  < HD W
  > ms {k} 4
  > blue
  < HD
  > mg {k} v
  < VA 4
  < blue

  # recache: With R one client wins if less time is left than the token
  > ms {k} 1 T20
  > v
  < HD
  > mg {k} R30
  < HD W
  > mg {k} R30
  < HD Z
  > mg {k}
  < HD Z

  # recache-not-yet: R has no effect while more time is left
  > ms {k} 1 T100
  > v
  < HD
  > mg {k} R30
  < HD

  # cas-equal: With C, the cas of the item, no value is returned
  ! since 1.6.45: C is not a flag of mg
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} c
  < HD c{cas a}
  > mg {k} C{cas a} v c
  < HD c{cas a}

  # cas-different: With C, another cas, the value is returned
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} c
  < HD c{cas a}
  > ms {k} 5
  > green
  < HD
  > mg {k} C{cas a} v c
  < VA 5 c{cas b}
  < green
`,
)
