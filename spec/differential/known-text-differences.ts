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
    what: 'a line of spaces is a line of bad format',
    reason: 'memcached 1.6.18 says ERROR, later ones what we say',
    request: ' \r\n',
    reply: 'CLIENT_ERROR bad command line format\r\n',
  },
  {
    what: 'the value behind a refused line is passed over',
    reason: 'memcached 1.6.18 reads the value as the next line, later ones pass it over',
    request: 'set a x 0 3\r\nabc\r\ncas a 0 0 3 \r\nabc\r\nmn\r\n',
    reply: 'CLIENT_ERROR bad command line format\r\nCLIENT_ERROR bad command line format\r\nMN\r\n',
  },
  {
    what: 'shutdown without -A is a SERVER_ERROR',
    reason: 'memcached 1.6.18 says ERROR with the same words',
    request: 'shutdown\r\n',
    reply: 'SERVER_ERROR: shutdown not enabled\r\n',
  },
  {
    what: 'the crawler can always be asked for a list, also behind other commands',
    reason:
      'memcached hands the connection to its crawler thread, and refuses while that is off, or replies wait: ERROR cannot pipeline other commands before metadump',
    request: 'mn\r\nlru_crawler metadump all\r\n',
    reply: 'MN\r\nOK\r\nEND\r\n',
  },
  {
    what: 'what stands behind a request for a list is answered behind the list',
    reason: 'memcached 1.6.18 loses it when both come at once',
    request: 'lru_crawler metadump all\r\nmn\r\n',
    reply: 'OK\r\nEND\r\nMN\r\n',
  },
  {
    what: 'the crawler can be enabled when it runs',
    reason: 'memcached 1.6.18 fails to start a second one',
    request: 'lru_crawler enable\r\n',
    reply: 'OK\r\n',
  },
  {
    what: 'lru_crawler metadump begins with OK, and tells the client flags',
    reason: 'memcached 1.6.18 says neither',
    request: 'lru_crawler metadump all\r\n',
    reply: 'OK\r\n',
  },
  {
    what: 'lru_crawler mgdump lists keys',
    reason: 'memcached 1.6.18 does not have it yet',
    request: 'lru_crawler mgdump all\r\n',
    reply: 'EN\r\n',
  },
  {
    what: 'cache_memlimit takes no more than twice -m, or 128 MB',
    reason: 'memcached takes any limit; here addresses for it are reserved at the start',
    request: 'cache_memlimit 100000\r\n',
    reply: 'MEMLIMIT_ADJUST_FAILED out of bounds or unable to adjust\r\n',
  },
  {
    what: 'ms tells the size of what was stored',
    reason: 'memcached 1.6.18 does not have it yet',
    request: 'ms size 2 s\r\nhi\r\nms size 2 s MA\r\nho\r\n',
    reply: 'HD s2\r\nHD s4\r\n',
  },
  {
    what: 'a cas can be given with E',
    reason: 'memcached 1.6.18 does not have it yet',
    request: 'ms own 2 E7 c\r\nhi\r\nmg own c\r\n',
    reply: 'HD c7\r\nHD c7\r\n',
  },
  {
    what: 'a value whose cas the client knows is not sent again',
    reason: 'memcached 1.6.18 does not have it yet',
    request: 'ms known 2 E8\r\nhi\r\nmg known C8 v\r\n',
    reply: 'HD\r\nHD\r\n',
  },
  {
    what: 'md x leaves an empty item',
    reason: 'memcached 1.6.18 does not have it yet',
    request: 'ms empty 2\r\nhi\r\nmd empty x\r\nmg empty s\r\n',
    reply: 'HD\r\nHD\r\nHD s0\r\n',
  },
  {
    what: 'append with N makes an item',
    reason: 'memcached 1.6.18 does not have it yet',
    request: 'ms made 2 MA N0\r\nhi\r\n',
    reply: 'HD\r\n',
  },
  {
    what: 'a key comes back in base64 when it was sent so',
    reason: 'memcached sends it back as it was sent when the item was stored',
    request: 'set foo 0 0 1\r\nx\r\nmg Zm9v b k\r\n',
    reply: 'STORED\r\nHD kZm9v b\r\n',
  },
  {
    what: 'ma with T touches the counter even when its number becomes longer',
    reason: 'memcached then touches the item that has just been replaced',
    request: 'ms longer 1\r\n9\r\nma longer T50\r\nmg longer t\r\n',
    reply: 'HD\r\nHD\r\nHD t50\r\n',
  },
  {
    what: 'me tells the seconds that an item has left',
    reason: 'memcached tells them below zero',
    request: 'ms left 2 T100\r\nhi\r\nme left\r\n',
    reply: 'HD\r\nME left exp=100 la=0 ',
  },
  {
    what: 'a key of text may hold a NUL',
    reason: 'for memcached the line ends there',
    request: 'set nul\0 0 0 1\r\nx\r\n',
    reply: 'STORED\r\n',
  },
  {
    what: 'stats extstore and stats sizes_enable are groups that there are not',
    reason: 'memcached 1.6.18 ends the one at once, and begins to count sizes for the other',
    request: 'stats extstore\r\nstats sizes_enable\r\n',
    reply: 'ERROR\r\nERROR\r\n',
  },
  {
    what: 'flush_all refuses a time beyond 32 bits',
    reason: 'memcached takes the low half of it',
    request: 'flush_all 99999999999\r\n',
    reply: 'CLIENT_ERROR invalid exptime argument\r\n',
  },
  {
    what: 'a length beyond 32 bits is a line of bad format',
    reason: 'memcached 1.6.18 takes the low half of it, and waits for so many bytes',
    request: 'set wide 0 0 99999999999\r\n',
    reply: 'CLIENT_ERROR bad command line format\r\n',
  },
  {
    what: 'a time that is over is told as 0',
    reason: 'memcached tells it as a number near 2^32',
    request: 'ms over 1\r\nx\r\nmg over T-1 t\r\n',
    reply: 'HD\r\nHD t0\r\n',
  },
]
