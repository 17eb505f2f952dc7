/** Where keepcached deliberately answers lines differently from Debian's memcached 1.6.18. */
export interface TextDifference {
  readonly what: string
  readonly reason: string
  readonly request: string
  /** What keepcached answers. */
  readonly reply: string
}

export const TEXT_DIFFERENCES: readonly TextDifference[] = [
  {
    what: 'reports bad format for a line of spaces',
    reason: 'memcached 1.6.18 replies ERROR, later versions reply as keepcached does',
    request: ' \r\n',
    reply: 'CLIENT_ERROR bad command line format\r\n',
  },
  {
    what: 'skips the value after a refused line',
    reason: 'memcached 1.6.18 reads the value as the next line, later versions skip it',
    request: 'set a x 0 3\r\nabc\r\ncas a 0 0 3 \r\nabc\r\nmn\r\n',
    reply: 'CLIENT_ERROR bad command line format\r\nCLIENT_ERROR bad command line format\r\nMN\r\n',
  },
  {
    what: 'replies SERVER_ERROR to shutdown without -A',
    reason: 'memcached 1.6.18 replies ERROR with the same text',
    request: 'shutdown\r\n',
    reply: 'SERVER_ERROR: shutdown not enabled\r\n',
  },
  {
    what: 'always lists items on request of the crawler',
    reason:
      'memcached hands the connection to its crawler thread, and refuses while that is off, or replies wait: ERROR cannot pipeline other commands before metadump',
    request: 'mn\r\nlru_crawler metadump all\r\n',
    reply: 'MN\r\nOK\r\nEND\r\n',
  },
  {
    what: 'answers requests after one for a list',
    reason: 'memcached 1.6.18 loses them if all arrive at once',
    request: 'lru_crawler metadump all\r\nmn\r\n',
    reply: 'OK\r\nEND\r\nMN\r\n',
  },
  {
    what: 'accepts lru_crawler enable when it is enabled',
    reason: 'memcached 1.6.18 fails to start a second one',
    request: 'lru_crawler enable\r\n',
    reply: 'OK\r\n',
  },
  {
    what: 'begins a metadump with OK, and has client flags in it',
    reason: 'memcached 1.6.18 has neither',
    request: 'lru_crawler metadump all\r\n',
    reply: 'OK\r\n',
  },
  {
    what: 'lists keys with lru_crawler mgdump',
    reason: 'memcached 1.6.18 does not have it yet',
    request: 'lru_crawler mgdump all\r\n',
    reply: 'EN\r\n',
  },
  {
    what: 'accepts a cache_memlimit of at most twice -m, or 128 MB',
    reason: 'memcached accepts any limit; here addresses for it are reserved at the start',
    request: 'cache_memlimit 100000\r\n',
    reply: 'MEMLIMIT_ADJUST_FAILED out of bounds or unable to adjust\r\n',
  },
  {
    what: 'returns the size of a stored value from ms',
    reason: 'memcached 1.6.18 does not have it yet',
    request: 'ms size 2 s\r\nhi\r\nms size 2 s MA\r\nho\r\n',
    reply: 'HD s2\r\nHD s4\r\n',
  },
  {
    what: 'accepts a new cas with E',
    reason: 'memcached 1.6.18 does not have it yet',
    request: 'ms own 2 E7 c\r\nhi\r\nmg own c\r\n',
    reply: 'HD c7\r\nHD c7\r\n',
  },
  {
    what: 'does not send a value whose cas the client has',
    reason: 'memcached 1.6.18 does not have it yet',
    request: 'ms known 2 E8\r\nhi\r\nmg known C8 v\r\n',
    reply: 'HD\r\nHD\r\n',
  },
  {
    what: 'empties an item with md x',
    reason: 'memcached 1.6.18 does not have it yet',
    request: 'ms empty 2\r\nhi\r\nmd empty x\r\nmg empty s\r\n',
    reply: 'HD\r\nHD\r\nHD s0\r\n',
  },
  {
    what: 'creates an item by append with N',
    reason: 'memcached 1.6.18 does not have it yet',
    request: 'ms made 2 MA N0\r\nhi\r\n',
    reply: 'HD\r\n',
  },
  {
    what: 'returns a key in base64 if it was sent so',
    reason: 'memcached returns it as it was sent when the item was stored',
    request: 'set foo 0 0 1\r\nx\r\nmg Zm9v b k\r\n',
    reply: 'STORED\r\nHD kZm9v b\r\n',
  },
  {
    what: 'touches a counter with ma T even if it gets longer',
    reason: 'memcached then touches the item that was just replaced',
    request: 'ms longer 1\r\n9\r\nma longer T50\r\nmg longer t\r\n',
    reply: 'HD\r\nHD\r\nHD t50\r\n',
  },
  {
    what: 'returns from me the seconds until an item expires',
    reason: 'memcached returns a negative number',
    request: 'ms left 2 T100\r\nhi\r\nme left\r\n',
    reply: 'HD\r\nME left exp=100 la=0 ',
  },
  {
    what: 'accepts a NUL in a key of text',
    reason: 'memcached ends the line there',
    request: 'set nul\0 0 0 1\r\nx\r\n',
    reply: 'STORED\r\n',
  },
  {
    what: 'has no groups extstore and sizes_enable of stats',
    reason: 'memcached 1.6.18 replies END to the one, and begins to count sizes for the other',
    request: 'stats extstore\r\nstats sizes_enable\r\n',
    reply: 'ERROR\r\nERROR\r\n',
  },
  {
    what: 'reports bad format for a length above 32 bits',
    reason: 'memcached 1.6.18 uses its low half, and waits for as many bytes',
    request: 'set wide 0 0 99999999999\r\n',
    reply: 'CLIENT_ERROR bad command line format\r\n',
  },
  {
    what: 'returns 0 for a time that has passed',
    reason: 'memcached returns a number near 2^32',
    request: 'ms over 1\r\nx\r\nmg over T-1 t\r\n',
    reply: 'HD\r\nHD t0\r\n',
  },
]
