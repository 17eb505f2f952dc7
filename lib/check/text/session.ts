import { transcripts } from '../transcripts.js'

export const SESSION = transcripts(
  'text.session',
  `
  # version: version returns VERSION and a version
  > version
  < VERSION {any}

  # version-with-words: Words after version are ignored
  > version foo bar
  < VERSION {any}
  > version noreply
  < VERSION {any}

  # unknown: An unknown command is ERROR
  > nonsense
  < ERROR

  # unknown-with-words: An unknown command with words is one ERROR
  > nonsense with words 1 2 3
  < ERROR

  # case: Commands are in lower case
  > GET {k}
  < ERROR

  # empty-line: An empty line is ERROR
  >
  < ERROR

  # config: config, used by the auto discovery of some clouds, is an unknown command
  > config get cluster
  < ERROR

  # quit: quit closes the connection without a reply
  > quit
  < (closed)

  # quit-with-words: Words after quit are ignored
  > quit foo bar
  < (closed)

  # quit-noreply: quit noreply closes the connection too
  > quit noreply
  < (closed)

  # quit-behind-others: Requests before a quit are answered, later ones are not
  > get {k}
  > quit
  > get {k}
  < END
  < (closed)

  # http: An HTTP request closes the connection without a reply
  > GET / HTTP/1.1
  < (closed)

  # long-line: More than 2048 bytes without a line end close the connection, except for a get
  > incr {x*4000}{join}
  < (closed)

  # stats: stats returns lines of STAT, a name and a value, and END
  > stats
  < {statistics}
  < END

  # stats-settings: stats settings returns the settings, and spaces count as one
  > stats  settings
  < {statistics}
  < END

  # stats-unknown: stats of an unknown group is an error
  > stats noreply
  < {error}

  # stats-detail-usage: stats detail without a word returns its usage
  > stats detail
  < CLIENT_ERROR usage: stats detail on|off|dump

  # cachedump-illegal: stats cachedump of a class beyond the last is CLIENT_ERROR Illegal slab id
  > stats cachedump 200 0 0
  < CLIENT_ERROR Illegal slab id

  # verbosity-no-level: verbosity without a level is an error
  > verbosity
  < {error}

  # verbosity-many-words: verbosity with words that are not a level is an error
  > verbosity foo bar my
  < {error}

  # verbosity-no-number: A verbosity that is not a number is CLIENT_ERROR bad command line format
  > verbosity invalid
  < CLIENT_ERROR bad command line format

  # flush-no-number: flush_all with a delay that is not a number is CLIENT_ERROR invalid exptime argument, and flushes nothing
  > set {k} 0 0 1
  > v
  < STORED
  > flush_all invalid
  < CLIENT_ERROR invalid exptime argument
  > get {k}
  < VALUE {k} 0 1
  < v
  < END

  # watch-unknown: watch of an unknown word is ERROR
  > watch nonsense
  < ERROR

  # lru-crawler-usage: slabs automove with a word that is not a number is CLIENT_ERROR bad command line format
  > slabs automove invalid
  < CLIENT_ERROR bad command line format

  # refresh-certs: refresh_certs without TLS is an error
  > refresh_certs
  < {any}
`,
)

export const DESTRUCTIVE = transcripts(
  'text.session',
  `
  # flush: flush_all removes every item
  ! destructive
  > set {k} 0 0 1
  > v
  < STORED
  > flush_all
  < OK
  > get {k}
  < END

  # flush-0: flush_all 0 removes every item
  ! destructive
  > set {k} 0 0 1
  > v
  < STORED
  > flush_all 0
  < OK
  > get {k}
  < END

  # flush-noreply: flush_all noreply removes every item, and sends no reply
  ! destructive
  > set {k} 0 0 1
  > v
  < STORED
  > flush_all noreply
  > get {k}
  < END

  # stored-after-flush: What is stored behind a flush_all is there, in the same second too
  ! destructive
  > flush_all
  < OK
  > set {k} 0 0 1
  > v
  < STORED
  > get {k}
  < VALUE {k} 0 1
  < v
  < END

  # flush-later: flush_all with a delay removes items when it has passed, and not before
  ! destructive
  > set {k} 0 0 1
  > v
  < STORED
  > flush_all 2
  < OK
  > get {k}
  < VALUE {k} 0 1
  < v
  < END
  . wait 4
  > get {k}
  < END

  # stats-reset: stats reset answers RESET
  ! destructive
  > stats reset
  < RESET

  # stats-detail: stats detail on and off answer OK
  ! destructive
  > stats detail on
  < OK
  > stats detail off
  < OK

  # verbosity: verbosity answers OK, and with noreply nothing
  ! destructive
  > verbosity 0
  < OK
  > verbosity 0 noreply
  > verbosity 0
  < OK
`,
)
