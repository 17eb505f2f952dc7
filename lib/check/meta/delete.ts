import { transcripts } from '../transcripts.js'

export const DELETE = transcripts(
  'meta.delete',
  `
  # hit: md returns HD, and removes the item
  > ms {k} 4 F5
  > blue
  < HD
  > md {k}
  < HD
  > mg {k}
  < EN

  # miss: md of a missing key is NF
  > md {k}
  < NF

  # key-and-opaque: k and O are returned
  > ms {k} 4 F5
  > blue
  < HD
  > md {k} k Oab
  < HD k{k} Oab

  # quiet: q sends no reply on success
  > ms {k} 4 F5
  > blue
  < HD
  > md {k} q
  > mg {k}
  < EN

  # quiet-miss: q returns NF
  > md {k} q
  < NF

  # cas-right: C with the cas of the item removes it
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} c
  < HD c{cas a}
  > md {k} C{cas a}
  < HD
  > mg {k}
  < EN

  # cas-wrong: C with another cas is EX, and removes nothing
  > ms {k} 4 F5
  > blue
  < HD
  > md {k} C1
  < EX
  > mg {k}
  < HD

  # stale: I marks the item as stale: the first client receives X and W, the second Z and X
  > ms {k} 4 F5
  > blue
  < HD
  > md {k} I
  < HD
  > mg {k}
  < HD X W
  > mg {k}
  < HD Z X

  # invalidate-keeps-value: A stale item still has its value
  > ms {k} 4 F5
  > blue
  < HD
  > md {k} I
  < HD
  > mg {k} v
  < VA 4 {any}
  < blue

  # invalidate-changes-cas: I changes the cas
  > ms {k} 4 F5
  > blue
  < HD
  > mg {k} c
  < HD c{cas a}
  > md {k} I
  < HD
  > mg {k} c
  < HD c{cas b} {any}

  # invalidate-time: I with T sets a new time to live
  > ms {k} 4 F5
  > blue
  < HD
  > md {k} I T30
  < HD
  > mg {k} t
  < HD t{number} {any}

  # invalidate-then-set: A set over a stale item stores an item that is not stale
  > ms {k} 4 F5
  > blue
  < HD
  > md {k} I
  < HD
  > ms {k} 5
  > green
  < HD
  > mg {k} v
  < VA 5
  < green

  # empty-value: x removes the value and the client flags, but not the item
  ! since 1.6.45: x is not a flag
  > ms {k} 4 F5
  > blue
  < HD
  > md {k} x
  < HD
  > mg {k} v f
  < VA 0 f0
  <

  # unknown-flag: An unknown flag is a CLIENT_ERROR
  > md {k} !
  < CLIENT_ERROR invalid {any}

  # too-long-key: A key of 251 bytes is CLIENT_ERROR bad command line format
  > md {k:251}
  < CLIENT_ERROR bad command line format

  # no-key: md without a key is an error
  > md
  < {error}
`,
)
