import { transcripts } from '../transcripts.js'

export const RECACHE = transcripts(
  'meta.recache',
  `
  # hit-before: h tells whether the item was asked for before
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} h
  < HD h0
  > mg {k} h
  < HD h1

  # last-access: l tells the seconds since the last access
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} l
  < HD l0

  # no-bump: u leaves h as it is
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} u
  < HD
  > mg {k} h
  < HD h0

  # touch: T gives a new time to live
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} T100
  < HD
  > mg {k} t
  < HD t{number}

  # touch-for-ever: T0 lets the item live for ever
  > ms {k} 1 T100
  > v
  < HD
  > mg {k} T0
  < HD
  > mg {k} t
  < HD t-1

  # touch-negative: A negative T ends the item at once
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} T-1
  < HD
  > mg {k}
  < EN

  # time-before-touch: t before T returns the old time, behind it the new one
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} t T100
  < HD t-1
  > mg {k} T0 t
  < HD t-1

  # vivify: N makes an item of a miss, and W says that its value is ours to make
  > mg {k} v s N30
  < VA 0 s0 W
  <

  # vivify-again: Who comes second is told Z in place of W
  > mg {k} s N30
  < HD s0 W
  > mg {k} s N30
  < HD s0 Z

  # vivify-time: An item that N made has its time to live
  > mg {k} N30 t
  < HD t30 W

  # vivify-then-set: What is stored over an item that N made is an ordinary item
  > mg {k} N30
  < HD W
  > ms {k} 4
  > blue
  < HD
  > mg {k} v
  < VA 4
  < blue

  # recache: R lets one client win when less time is left than its token
  > ms {k} 1 T20
  > v
  < HD
  > mg {k} R30
  < HD W
  > mg {k} R30
  < HD Z
  > mg {k}
  < HD Z

  # recache-not-yet: R says nothing while more time is left
  > ms {k} 1 T100
  > v
  < HD
  > mg {k} R30
  < HD

  # cas-equal: C with the cas of the item withholds the value
  ! since 1.6.45: C is no flag of mg
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} c
  < HD c{cas a}
  > mg {k} C{cas a} v c
  < HD c{cas a}

  # cas-different: C with another cas answers the value
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
