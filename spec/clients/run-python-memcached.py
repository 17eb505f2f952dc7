"""Asks python-memcached (text) for everything it can do and prints every answer. Argument: port."""
import sys

import memcache

client = memcache.Client(['127.0.0.1:%s' % sys.argv[1]], cache_cas=True)


def attempt(what, ask):
    try:
        print('%s: %.300r' % (what, ask()))
    except Exception as error:
        print('%s: %s' % (what, type(error).__name__))


attempt('flush_all', client.flush_all)
attempt('get of nothing', lambda: client.get('key'))
attempt('set', lambda: client.set('key', 'value'))
attempt('get', lambda: client.get('key'))
attempt('set of a number', lambda: client.set('number', 10))
attempt('get of a number', lambda: client.get('number'))
attempt('set of bytes', lambda: client.set('bytes', b'\x00\r\n\xff'))
attempt('get of bytes', lambda: client.get('bytes'))
attempt('set of a list', lambda: client.set('list', [1, 'a', None]))
attempt('get of a list', lambda: client.get('list'))
attempt('set of a compressed value', lambda: client.set('compressed', 'x' * 10000, min_compress_len=100))
attempt('get of a compressed value', lambda: len(client.get('compressed')))
attempt('add', lambda: client.add('key', 'other'))
attempt('add of a new key', lambda: client.add('new', 'other', time=100))
attempt('replace', lambda: client.replace('key', 'replaced'))
attempt('replace of nothing', lambda: client.replace('none', 'replaced'))
attempt('append', lambda: client.append('key', '>'))
attempt('prepend', lambda: client.prepend('key', '<'))
attempt('append to nothing', lambda: client.append('none', '>'))
attempt('get', lambda: client.get('key'))
attempt('gets', lambda: client.gets('key'))
attempt('cas', lambda: client.cas('key', 'cassed'))
attempt('cas again', lambda: client.cas('key', 'cassed'))
attempt('get_multi', lambda: sorted(client.get_multi(['key', 'none', 'new']).items()))
attempt('set_multi', lambda: client.set_multi({'a': 1, 'b': 2}, key_prefix='p:'))
attempt('get_multi with a prefix', lambda: sorted(client.get_multi(['a', 'b'], key_prefix='p:').items()))
attempt('delete_multi', lambda: client.delete_multi(['a', 'b'], key_prefix='p:'))
attempt('incr', lambda: client.incr('number', 5))
attempt('decr', lambda: client.decr('number', 6))
attempt('decr below nothing', lambda: client.decr('number', 100))
attempt('incr of nothing', lambda: client.incr('none'))
attempt('incr of text', lambda: client.incr('key'))
attempt('touch', lambda: client.touch('key', 100))
attempt('touch of nothing', lambda: client.touch('none', 100))
attempt('delete', lambda: client.delete('key'))
attempt('delete of nothing', lambda: client.delete('key'))
attempt('a key of 250 bytes', lambda: client.set('k' * 250, 'v'))
attempt('get of it', lambda: client.get('k' * 250))
attempt('a value of 1 MiB', lambda: client.set('big', 'x' * 1048576))
attempt('get of it', lambda: client.get('big'))
attempt('an expiry that is over', lambda: client.set('over', 'v', time=-1))
attempt('get of it', lambda: client.get('over'))
attempt('stats', lambda: client.get_stats()[0][1]['pointer_size'])
attempt('stats settings', lambda: client.get_stats('settings')[0][1]['cas_enabled'])
attempt('slabs', lambda: len(client.get_slabs()))
attempt('flush_all', client.flush_all)
attempt('get of what was there', lambda: client.get('new'))
