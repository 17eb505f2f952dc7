import { transcripts } from '../transcripts.js'

export const DELETE = transcripts(
  'text.delete',
  `
  # hit: delete returns DELETED, and removes the item
  > set {k} 0 0 1
  > v
  < STORED
  > delete {k}
  < DELETED
  > get {k}
  < END

  # miss: delete of a missing key is NOT_FOUND
  > delete {k}
  < NOT_FOUND

  # noreply: delete with noreply removes, and sends no reply
  > set {k} 0 0 1
  > v
  < STORED
  > delete {k} noreply
  > get {k}
  < END

  # miss-noreply: delete with noreply sends no reply on a miss
  > delete {k} noreply

  # time-of-0: A time of 0 after the key is accepted, as old clients send it
  > set {k} 0 0 1
  > v
  < STORED
  > delete {k} 0
  < DELETED

  # time-of-0-noreply: A time of 0 and noreply are accepted together
  > set {k} 0 0 1
  > v
  < STORED
  > delete {k} 0 noreply
  > get {k}
  < END

  # time: Any other time is an error, and removes nothing
  > set {k} 0 0 1
  > v
  < STORED
  > delete {k} 5
  < {error}
  > get {k}
  < VALUE {k} 0 1
  < v
  < END

  # time-noreply: With noreply no error is sent
  > delete {k} 10 noreply

  # no-key: delete without a key is an error
  > delete
  < {error}

  # many-words: delete with many words is an error
  ! differs memcached: since 1.6.19 words after noreply are ignored
  > delete a b c d e
  < {error}

  # too-long-key: delete of a key of 251 bytes is CLIENT_ERROR bad command line format
  > delete {k:251}
  < CLIENT_ERROR bad command line format
`,
)
