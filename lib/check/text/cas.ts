import { transcripts } from '../transcripts.js'

export const CAS = transcripts(
  'text.cas',
  `
  # right: cas with the cas of the item is STORED, and returns a new cas
  > set {k} 0 0 5
  > first
  < STORED
  > gets {k}
  < VALUE {k} 0 5 {cas a}
  < first
  < END
  > cas {k} 3 0 6 {cas a}
  > second
  < STORED
  > gets {k}
  < VALUE {k} 3 6 {cas b}
  < second
  < END

  # wrong: cas with another cas is EXISTS, and changes nothing
  > set {k} 0 0 5
  > first
  < STORED
  > gets {k}
  < VALUE {k} 0 5 {cas a}
  < first
  < END
  > set {k} 0 0 6
  > second
  < STORED
  > cas {k} 0 0 5 {cas a}
  > third
  < EXISTS
  > get {k}
  < VALUE {k} 0 6
  < second
  < END

  # missing: cas of a missing key is NOT_FOUND
  > cas {k} 0 0 1 1
  > v
  < NOT_FOUND
  > get {k}
  < END

  # zero: cas with 0 is EXISTS if the key exists
  > set {k} 0 0 1
  > v
  < STORED
  > cas {k} 0 0 1 0
  > w
  < EXISTS

  # noreply: cas with noreply sends no reply, whether it stores or not
  > set {k} 0 0 1
  > 1
  < STORED
  > gets {k}
  < VALUE {k} 0 1 {cas a}
  < 1
  < END
  > cas {k} 0 0 1 {cas a} noreply
  > 2
  > cas {k} 0 0 1 {cas a} noreply
  > 3
  > get {k}
  < VALUE {k} 0 1
  < 2
  < END

  # two-clients: Of two clients with the same cas one succeeds
  > set {k} 0 0 1
  > 1
  < STORED
  > gets {k}
  < VALUE {k} 0 1 {cas a}
  < 1
  < END
  2> cas {k} 0 0 1 {cas a}
  2> 2
  2< STORED
  > cas {k} 0 0 1 {cas a}
  > 3
  < EXISTS
  > get {k}
  < VALUE {k} 0 1
  < 2
  < END

  # every-change: Every change sets a new cas: store, append, count
  > set {k} 0 0 1
  > 1
  < STORED
  > gets {k}
  < VALUE {k} 0 1 {cas a}
  < 1
  < END
  > append {k} 0 0 1
  > 2
  < STORED
  > gets {k}
  < VALUE {k} 0 2 {cas b}
  < 12
  < END
  > incr {k} 1
  < 13
  > gets {k}
  < VALUE {k} 0 2 {cas c}
  < 13
  < END

  # touch-keeps: touch keeps the cas
  > set {k} 0 0 1
  > 1
  < STORED
  > gets {k}
  < VALUE {k} 0 1 {cas a}
  < 1
  < END
  > touch {k} 60
  < TOUCHED
  > gets {k}
  < VALUE {k} 0 1 {cas a}
  < 1
  < END

  # no-number: A cas that is not a number is CLIENT_ERROR bad command line format
  > cas {k} 0 0 -1 x
  < CLIENT_ERROR bad command line format

  # without-cas: A cas line without a cas is CLIENT_ERROR bad command line format, and its data is skipped
  ! since 1.6.45: replies ERROR, and reads the data as a command
  > cas {k} 0 0 6{sp}
  > barva2
  < CLIENT_ERROR bad command line format

  # flags-no-number: Flags of a cas that are not a number are CLIENT_ERROR bad command line format
  > cas {k} x 0 -1 1
  < CLIENT_ERROR bad command line format
`,
)
