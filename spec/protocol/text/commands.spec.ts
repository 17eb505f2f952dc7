import { IS_OVER_TLS } from '../../support/server.js'
import { END, useTextTranscripts } from '../../support/text-transcript.js'

const MEBIBYTE = 1024 * 1024

describe('A text connection', () => {
  const transcript = useTextTranscripts()

  transcript('returns each key of a get that exists, in the order of the request, and END once', [
    ['set a 5 0 3\r\nabc', 'STORED'],
    ['set b 4294967295 0 0\r\n', 'STORED'],
    ['get a', 'VALUE a 5 3\r\nabc\r\nEND'],
    ['get a none b a', 'VALUE a 5 3\r\nabc\r\nVALUE b 4294967295 0\r\n\r\nVALUE a 5 3\r\nabc\r\nEND'],
    ['get none', 'END'],
    ['bget a', 'VALUE a 5 3\r\nabc\r\nEND'],
  ])

  transcript('returns the cas of each item to gets and gats', [
    ['set a 0 0 1\r\nx', 'STORED'],
    ['gets a', 'VALUE a 0 1 {first}\r\nx\r\nEND'],
    ['gats 100 a', 'VALUE a 0 1 {first}\r\nx\r\nEND'],
    ['cas a 0 0 1 {first}\r\ny', 'STORED'],
    ['cas a 0 0 1 {first}\r\nz', 'EXISTS'],
    ['cas a 0 0 1 0\r\nz', 'EXISTS'],
    ['cas none 0 0 1 5\r\nz', 'NOT_FOUND'],
  ])

  transcript('touches every key of a gat', [
    ['set a 0 0 1\r\nx', 'STORED'],
    ['set b 0 0 1\r\ny', 'STORED'],
    ['gat 100 a none b', 'VALUE a 0 1\r\nx\r\nVALUE b 0 1\r\ny\r\nEND'],
    ['gat -1 a b', 'VALUE a 0 1\r\nx\r\nVALUE b 0 1\r\ny\r\nEND'],
    ['get a b', 'END'],
    ['gat 100', 'END'],
  ])

  transcript('flushes the items whose keys begin with a prefix', [
    ['set a:1 0 0 1\r\nx', 'STORED'],
    ['set a:2 0 0 1\r\nx', 'STORED'],
    ['set b:1 0 0 1\r\nx', 'STORED'],
    ['flush_prefix a:', 'OK'],
    ['get a:1 a:2 b:1', 'VALUE b:1 0 1\r\nx\r\nEND'],
    ['add a:1 0 0 1\r\ny', 'STORED'],
    ['  flush_prefix   b  noreply '],
    ['flush_prefix none', 'OK'],
    ['flush_prefix noreply', 'OK'],
    ['get a:1 b:1', 'VALUE a:1 0 1\r\ny\r\nEND'],
    [`flush_prefix ${'p'.repeat(250)}`, 'OK'],
    [`flush_prefix ${'p'.repeat(251)}`, 'CLIENT_ERROR bad command line format'],
    ['flush_prefix', 'ERROR'],
    ['flush_prefix a b', 'ERROR'],
    ['flush_prefix a b noreply'],
    ['get a:1', 'VALUE a:1 0 1\r\ny\r\nEND'],
  ])

  // As memcached, which reads an int32_t.
  transcript('reads a delay of a flush as 32 bits with a sign', [
    ['set a 0 0 1\r\nx', 'STORED'],
    ['flush_all 4294967356', 'OK'],
    ['flush_all 42949672960000060', 'OK'],
    ['flush_all -4294967236', 'OK'],
    ['get a', 'VALUE a 0 1\r\nx\r\nEND'],
    ['flush_all 2147483648', 'OK'],
    ['get a', 'END'],
    ['set a 0 0 1\r\nx', 'STORED'],
    ['flush_all 4294967295', 'OK'],
    ['get a', 'END'],
  ])

  transcript('ignores additional spaces, and accepts a bare line feed as the end', [
    ['  set   a  5 0   3  \r\nabc', 'STORED'],
    ['get   a  a ', 'VALUE a 5 3\r\nabc\r\nVALUE a 5 3\r\nabc\r\nEND'],
    ['set a 5 0 3\nabc', 'STORED'],
    ['get a\nget a', 'VALUE a 5 3\r\nabc\r\nEND', 'VALUE a 5 3\r\nabc\r\nEND'],
    ['flush_all ', 'OK'],
  ])

  transcript('counts in decimal', [
    ['set n 0 0 2\r\n10', 'STORED'],
    ['decr n 1', '9'],
    ['get n', 'VALUE n 0 2\r\n9 \r\nEND'],
    ['incr n 18446744073709551615', '8'],
    ['incr n 18446744073709551607', '18446744073709551615'],
    ['incr n 1', '0'],
    ['decr n 1', '0'],
    ['incr none 1', 'NOT_FOUND'],
    ['set t 0 0 1\r\nx', 'STORED'],
    ['incr t 1', 'CLIENT_ERROR cannot increment or decrement non-numeric value'],
  ])

  transcript('deletes, with or without the old time argument 0', [
    ['delete a', 'NOT_FOUND'],
    ['set a 0 0 1\r\nx', 'STORED'],
    ['delete a 0', 'DELETED'],
    ['set a 0 0 1\r\nx', 'STORED'],
    ['delete a 0 noreply'],
    ['get a', 'END'],
    ['delete a 10 noreply'],
    ['delete a 5', 'CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]'],
  ])

  transcript('sends nothing with noreply, not even errors', [
    ['set a 0 0 1 noreply\r\n1'],
    ['add a 0 0 1 noreply\r\n2'],
    ['replace none 0 0 1 noreply\r\n2'],
    ['append a 0 0 1 noreply\r\n0'],
    ['prepend none 0 0 1 noreply\r\n0'],
    ['cas a 0 0 1 1 noreply\r\n2'],
    ['incr a 5 noreply'],
    ['decr a x noreply'],
    ['touch a 100 noreply'],
    ['verbosity 0 noreply'],
    ['set a x 0 1 noreply\r\n1'],
    ['get a', 'VALUE a 0 2\r\n15\r\nEND'],
    ['delete a noreply'],
    ['flush_all noreply'],
    ['flush_all 0 noreply'],
    ['get a', 'END'],
  ])

  transcript('returns its version, whatever else is on the line', [
    ['version', 'VERSION 1.6.45'],
    ['version foo bar', 'VERSION 1.6.45'],
  ])

  transcript('closes with quit, without a reply', [
    ['mn', 'MN'],
    ['quit foo', END],
  ])

  transcript('accepts a value of any bytes', [
    ['set a 0 0 11\r\na\0b\r\nEND\r\n\x80', 'STORED'],
    ['get a', 'VALUE a 0 11\r\na\0b\r\nEND\r\n\x80\r\nEND'],
  ])

  transcript('checks commands that tune memcached, and ignores them', [
    ['verbosity 1', 'OK'],
    ['verbosity 99999999999', 'OK'],
    ['verbosity 0', 'OK'],
    ['verbosity invalid', 'CLIENT_ERROR bad command line format'],
    ['verbosity', 'ERROR'],
    ['verbosity foo bar my', 'ERROR'],
    ['cache_memlimit 50', 'OK'],
    ['cache_memlimit 64', 'OK'],
    ['cache_memlimit x', 'ERROR'],
    ['cache_memlimit 7', 'MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m'],
    ['cache_memlimit 10737418240', 'MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes'],
    ['cache_memlimit 4294967360', 'OK'],
    ['cache_memlimit 18446744073709551616', 'ERROR'],
    ['cache_memlimit 2000000000', 'MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes'],
    ['cache_memlimit 1000000', 'MEMLIMIT_ADJUST_FAILED out of bounds or unable to adjust'],
    ['lru_crawler enable', 'OK'],
    ['lru_crawler disable', 'OK'],
    ['lru_crawler crawl 1', 'OK'],
    ['lru_crawler crawl x', 'BADCLASS invalid class id'],
    ['lru_crawler sleep 10', 'OK'],
    ['lru_crawler sleep x', 'CLIENT_ERROR bad command line format'],
    ['lru_crawler sleep 2000000', 'CLIENT_ERROR sleep must be one second or less'],
    ['lru_crawler tocrawl 5', 'OK'],
    ['lru_crawler', 'ERROR'],
    ['lru tune 10 25 0.1 2.0', 'OK'],
    ['lru tune 50 50 1 1', 'ERROR hot and warm pcts must not exceed 80'],
    ['lru tune 10 10 0 1', 'ERROR hot/warm age factors must be greater than 0'],
    ['lru mode flat', 'OK'],
    ['lru mode round', 'ERROR'],
    ['lru temp_ttl 10', 'OK'],
    ['slabs reassign 1 2', 'NOSPARE source class has no spare pages'],
    ['slabs reassign 39 0', 'NOSPARE source class has no spare pages'],
    ['slabs reassign 40 1', 'BADCLASS invalid src or dst class id'],
    ['slabs reassign 1 40', 'BADCLASS invalid src or dst class id'],
    ['slabs reassign -1 1', 'BADCLASS invalid src or dst class id'],
    ['slabs reassign 2147483648 1', 'BADCLASS invalid src or dst class id'],
    ['slabs reassign 4294967298 1', 'NOSPARE source class has no spare pages'],
    ['slabs reassign 1 1', 'SAME src and dst class are identical'],
    ['slabs reassign -1 -1', 'SAME src and dst class are identical'],
    ['slabs reassign x 2', 'CLIENT_ERROR bad command line format'],
    ['slabs automove 1', 'OK'],
    ['slabs automove invalid', 'CLIENT_ERROR bad command line format'],
    ['slabs automove 3', 'ERROR'],
    ['slabs automove ratio 0.5', 'OK'],
    ['slabs', 'ERROR'],
    ['refresh_certs', IS_OVER_TLS ? 'OK' : 'Error TLS not enabled'],
    ['shutdown', 'SERVER_ERROR: shutdown not enabled'],
    ['shutdown foo', 'SERVER_ERROR: shutdown not enabled'],
  ])

  transcript('lists items for administrators', [
    ['lru_crawler metadump all', 'OK', 'END'],
    ['lru_crawler mgdump all', 'EN'],
    ['stats cachedump 1 0 0', 'END'],
    ['set #foo 7 0 6\r\nfoobar', 'STORED'],
    ['gets #foo', 'VALUE #foo 7 6 {cas}\r\nfoobar\r\nEND'],
    ['lru_crawler mgdump hash', 'mg #foo', 'EN'],
    ['stats cachedump 1 100', 'ITEM #foo [6 b; 0 s]', 'END'],
    ['stats cachedump 2 100', 'END'],
    ['stats cachedump 200 0 0', 'CLIENT_ERROR Illegal slab id'],
    ['stats cachedump', 'CLIENT_ERROR bad command line'],
    ['stats cachedump x 1', 'CLIENT_ERROR bad command line format'],
  ])

  transcript('counts by prefix while switched on', [
    ['stats detail dump', 'END'],
    ['stats detail on', 'OK'],
    ['set foo:a 0 0 1\r\nx', 'STORED'],
    ['get foo:a foo:b other', 'VALUE foo:a 0 1\r\nx\r\nEND'],
    ['delete foo:b', 'NOT_FOUND'],
    ['stats detail dump', 'PREFIX foo get 2 hit 1 set 1 del 1', 'END'],
    ['stats reset', 'RESET'],
    ['stats detail dump', 'END'],
    ['stats detail off', 'OK'],
    ['stats detail', 'CLIENT_ERROR usage: stats detail on|off|dump'],
    ['stats detail x', 'CLIENT_ERROR usage: stats detail on|off|dump'],
  ])
})

describe('A text line that is wrong', () => {
  const transcript = useTextTranscripts()
  const sky = ['get sky', 'END'] as const

  transcript('is answered with ERROR when its verb is unknown, or its words are too few or too many', [
    ...['foo', 'GET a', 'get', 'gets', 'gat', 'delete', 'incr a', 'touch a', 'set a 0 0', 'a', ''].map(
      (line) => [line, 'ERROR'] as const,
    ),
    ['delete a b c d e', 'ERROR'],
    ['watch nonsense', 'ERROR'],
    ['stats nope', 'ERROR'],
    ['stats noreply', 'ERROR'],
    sky,
  ])

  transcript('of spaces alone is a line of bad format', [[' ', 'CLIENT_ERROR bad command line format'], sky])

  transcript('names the invalid number', [
    ['incr a x', 'CLIENT_ERROR invalid numeric delta argument'],
    ['incr a -1', 'CLIENT_ERROR invalid numeric delta argument'],
    ['incr a 18446744073709551616', 'CLIENT_ERROR invalid numeric delta argument'],
    ['touch a x', 'CLIENT_ERROR invalid exptime argument'],
    ['touch none -9223372036854775808', 'NOT_FOUND'],
    ['touch none -9223372036854775809', 'CLIENT_ERROR invalid exptime argument'],
    ['touch none 9223372036854775807', 'NOT_FOUND'],
    ['touch none 9223372036854775808', 'CLIENT_ERROR invalid exptime argument'],
    ['gat x a', 'CLIENT_ERROR invalid exptime argument'],
    ['flush_all invalid', 'CLIENT_ERROR invalid exptime argument'],
    ['flush_all 9223372036854775808', 'CLIENT_ERROR invalid exptime argument'],
    sky,
  ])

  transcript('has its value skipped if its length is valid', [
    ['set a blah 0 1\r\nx', 'CLIENT_ERROR bad command line format'],
    ['set a 0 blah 1\r\nx', 'CLIENT_ERROR bad command line format'],
    ['set a -1 0 1\r\nx', 'CLIENT_ERROR bad command line format'],
    [`set ${'k'.repeat(251)} 0 0 1\r\nx`, 'CLIENT_ERROR bad command line format'],
    ['cas a 0 0 1 blah\r\nx', 'CLIENT_ERROR bad command line format'],
    ['cas a 0 0 6 \r\nfoobar', 'CLIENT_ERROR bad command line format'],
    ['get a', 'END'],
  ])

  transcript('with an invalid length is followed by another line', [
    ...['blah', '-1', '4294967295', '2147483647', '2147483646'].map(
      (length) => [`set a 0 0 ${length}`, 'CLIENT_ERROR bad command line format'] as const,
    ),
    sky,
  ])

  transcript('and has a key that is too long gets no reply for the keys before it', [
    ['set a 0 0 1\r\nx', 'STORED'],
    [`get a ${'k'.repeat(251)} a`, 'CLIENT_ERROR bad command line format'],
    [`get ${'k'.repeat(251)}`, 'CLIENT_ERROR bad command line format'],
    [`gat 10 a ${'k'.repeat(251)}`, 'CLIENT_ERROR bad command line format'],
    [`get ${'k'.repeat(250)} a`, 'VALUE a 0 1\r\nx\r\nEND'],
    ...[`delete ${'k'.repeat(251)}`, `incr ${'k'.repeat(251)} 1`, `touch ${'k'.repeat(251)} 1`].map(
      (line) => [line, 'CLIENT_ERROR bad command line format'] as const,
    ),
  ])

  transcript('looks like HTTP, and is not answered', [
    ['mn', 'MN'],
    ['PUT / HTTP/1.0', END],
  ])
  transcript('looks like HTTP without a path, and is not answered', [['DELETE HTTP/1.1', END]])
})

describe('A text value', () => {
  const transcript = useTextTranscripts()

  transcript('that is longer than announced is refused, and the rest is a line', [
    ['set a 0 0 4\r\ninvalid', 'CLIENT_ERROR bad data chunk', 'ERROR'],
    ['get a', 'END'],
    ['set a 0 0 3\r\nabc', 'STORED'],
    ['set a 0 0 1\r\nabc', 'CLIENT_ERROR bad data chunk', 'ERROR'],
    ['append a 0 0 1\r\nabc', 'CLIENT_ERROR bad data chunk', 'ERROR'],
    ['get a', 'VALUE a 0 3\r\nabc\r\nEND'],
  ])

  transcript('that does not fit into a window has its end checked, too', [
    [`set a 0 0 50000\r\n${'x'.repeat(50_001)}\r`, 'CLIENT_ERROR bad data chunk', 'ERROR'],
    ['get a', 'END'],
    [`set a 0 0 50000\r\n${'x'.repeat(50_000)}`, 'STORED'],
    [`append a 0 0 20000\r\n${'y'.repeat(20_001)}\n`, 'CLIENT_ERROR bad data chunk', 'ERROR'],
    ['get a', `VALUE a 0 50000\r\n${'x'.repeat(50_000)}\r\nEND`],
  ])

  transcript('that is too large is skipped, and set deletes the old value', [
    ['set a 0 0 3\r\nabc', 'STORED'],
    [`add a 0 0 ${MEBIBYTE}\r\n${'x'.repeat(MEBIBYTE)}`, 'SERVER_ERROR object too large for cache'],
    [`cas a 0 0 ${MEBIBYTE} 1\r\n${'x'.repeat(MEBIBYTE)}`, 'SERVER_ERROR object too large for cache'],
    ['get a', 'VALUE a 0 3\r\nabc\r\nEND'],
    [`set a 0 0 ${MEBIBYTE}\r\n${'x'.repeat(MEBIBYTE)}`, 'SERVER_ERROR object too large for cache'],
    ['get a', 'END'],
  ])
})
