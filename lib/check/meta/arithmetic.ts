import { transcripts } from '../transcripts.js'

export const ARITHMETIC = transcripts(
  'meta.arithmetic',
  `
  # increment: ma adds 1, and returns HD
  > ms {k} 2
  > 10
  < HD
  > ma {k}
  < HD
  > mg {k} v
  < VA 2
  < 11

  # value: v returns the new number
  > ms {k} 2
  > 10
  < HD
  > ma {k} v
  < VA 2
  < 11

  # delta: D is the delta
  > ms {k} 2
  > 10
  < HD
  > ma {k} D5 v
  < VA 2
  < 15

  # decrement: MD decrements
  > ms {k} 2
  > 10
  < HD
  > ma {k} MD v
  < VA 1
  < 9

  # decrement-minus: M- decrements
  > ms {k} 2
  > 10
  < HD
  > ma {k} M- D2 v
  < VA 1
  < 8

  # increment-plus: MI and M+ increment
  > ms {k} 2
  > 10
  < HD
  > ma {k} MI v
  < VA 2
  < 11
  > ma {k} M+ v
  < VA 2
  < 12

  # stops: A decrement stops at 0
  > ms {k} 2
  > 10
  < HD
  > ma {k} MD D50 v
  < VA 1
  < 0

  # wraps: An increment wraps at 2^64
  > ms {k} 20
  > 18446744073709551615
  < HD
  > ma {k} v
  < VA 1
  < 0

  # miss: ma of a missing key is NF
  > ma {k}
  < NF

  # vivify: N creates the counter, with 0
  > ma {k} N90 v
  < VA 1
  < 0

  # vivify-initial: J is the initial number for N
  > ma {k} N0 J13 v
  < VA 2
  < 13
  > ma {k} N0 J13 v
  < VA 2
  < 14

  # vivify-time: A counter created by N has the time to live of N
  > ma {k} N90 t
  < HD t{number}

  # time: t returns the remaining time
  > ms {k} 2
  > 10
  < HD
  > ma {k} t
  < HD t-1

  # touch: T sets a new time to live
  > ms {k} 2
  > 10
  < HD
  > ma {k} T100 t
  < HD t{number}

  # cas: c returns the new cas
  > ms {k} 2
  > 10
  < HD
  > mg {k} c
  < HD c{cas a}
  > ma {k} c
  < HD c{cas b}
  > mg {k} c
  < HD c{cas b}

  # cas-right: C with the cas of the item counts
  > ms {k} 2
  > 10
  < HD
  > mg {k} c
  < HD c{cas a}
  > ma {k} C{cas a} v
  < VA 2
  < 11

  # cas-wrong: C with another cas is EX
  > ms {k} 2
  > 10
  < HD
  > ma {k} C1
  < EX

  # quiet: q sends no reply on success
  > ms {k} 2
  > 10
  < HD
  > ma {k} q
  > mg {k} v
  < VA 2
  < 11

  # quiet-value: q sends no reply on success, not even with v
  > ms {k} 2
  > 10
  < HD
  > ma {k} q v

  # quiet-miss: q returns NF
  > ma {k} q
  < NF

  # key-and-opaque: k and O are returned
  > ms {k} 2
  > 10
  < HD
  > ma {k} k Oab
  < HD k{k} Oab

  # text: ma of a text is an error
  > ms {k} 4
  > blue
  < HD
  > ma {k}
  < CLIENT_ERROR cannot increment or decrement non-numeric value

  # delta-no-number: A delta that is not a number is CLIENT_ERROR invalid numeric delta argument
  > ma {k} Dx
  < {error}

  # wrong-mode: An unknown mode is CLIENT_ERROR invalid mode for ma M token
  > ms {k} 2
  > 10
  < HD
  > ma {k} MX
  < CLIENT_ERROR invalid mode for ma M token

  # unknown-flag: An unknown flag is a CLIENT_ERROR
  > ma {k} !
  < CLIENT_ERROR invalid {any}

  # too-long-key: A key of 251 bytes is CLIENT_ERROR bad command line format
  > ma {k:251}
  < CLIENT_ERROR bad command line format
`,
)
