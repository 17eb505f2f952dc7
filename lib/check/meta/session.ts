import { transcripts } from '../transcripts.js'

export const SESSION = transcripts(
  'meta.session',
  `
  # noop: mn returns MN
  > mn
  < MN

  # noop-with-words: Words after mn are ignored
  > mn foo bar
  < MN

  # noop-is-last: mn is answered after all earlier requests
  > ms {k} 1 q
  > v
  > mg {missing} q
  > mg {k} q v
  > mn
  < VA 1
  < v
  < MN

  # space: A line of one space is CLIENT_ERROR bad command line format or ERROR
  > {sp}{lf}{join}
  < {error}

  # bare-lf: A line may end in LF only
  > mg {k}{lf}{join}
  < EN

  # debug: me returns ME, the key, and internal figures of the item
  > ms {k} 1
  > v
  < HD
  > me {k}
  < ME {k} exp=-1 la={number} cas={number} fetch=no cls={number} size={number}

  # debug-miss: me of a miss is EN
  > me {k}
  < EN

  # with-text: Meta finds items stored by text, and text those stored by meta
  > set {k} 5 0 4
  > blue
  < STORED
  > mg {k} v f
  < VA 4 f5
  < blue
  > ms {k} 5 F6
  > green
  < HD
  > get {k}
  < VALUE {k} 6 5
  < green
  < END

  # pipeline: Requests that arrive together are answered in order
  > mg {k}
  > ms {k} 1
  > v
  > mg {k} v
  > md {k}
  > mg {k}
  < EN
  < HD
  < VA 1
  < v
  < HD
  < EN

  # quit: Requests before a quit are answered, later ones are not
  > mg {k}
  > quit
  > mg {k}
  < EN
  < (closed)

  # ends: An item expires after its seconds
  > ms {k} 1 T1
  > v
  < HD
  . wait 3
  > mg {k}
  < EN

  # touch-lengthens: mg with T extends the life of an item
  > ms {k} 1 T2
  > v
  < HD
  > mg {k} T60
  < HD
  . wait 4
  > mg {k} v
  < VA 1
  < v

  # vivified-ends: An item created by N expires like others
  > mg {k} N1
  < HD W
  . wait 3
  > mg {k}
  < EN

  # longest-line: A line of many flags is answered
  > mg {k} f s t c k v h l u O1
  < EN{any}
`,
)
