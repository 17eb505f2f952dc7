"""Asks pymemcache (text, and mg) for everything it can do and prints every answer. Argument: port."""
import sys

from pymemcache.client.base import Client

client = Client(('127.0.0.1', int(sys.argv[1])), default_noreply=False)
quiet = Client(('127.0.0.1', int(sys.argv[1])))


def attempt(what, ask):
    try:
        print('%s: %.300r' % (what, ask()))
    except Exception as error:
        print('%s: %s %s' % (what, type(error).__name__, error))


attempt('flush_all', client.flush_all)
attempt('get of nothing', lambda: client.get('key'))
attempt('set', lambda: client.set('key', 'value', flags=7))
attempt('get', lambda: client.get('key'))
attempt('add', lambda: client.add('key', 'other'))
attempt('add of a new key', lambda: client.add('new', 'other', expire=100))
attempt('replace', lambda: client.replace('key', 'replaced'))
attempt('replace of nothing', lambda: client.replace('none', 'replaced'))
attempt('append', lambda: client.append('key', '>'))
attempt('prepend', lambda: client.prepend('key', '<'))
attempt('append to nothing', lambda: client.append('none', '>'))
attempt('get', lambda: client.get('key'))
attempt('get_many', lambda: sorted(client.get_many(['key', 'none', 'new']).items()))
attempt('gets_many', lambda: sorted(client.gets_many(['key', 'none', 'new'])))
attempt('cas of nothing', lambda: client.cas('none', 'v', b'999999999'))
attempt('cas of another', lambda: client.cas('key', 'v', b'999999999'))
attempt('cas', lambda: client.cas('key', 'cassed', client.gets('key')[1]))
attempt('cas is used up', lambda: client.get('key'))
attempt('touch', lambda: client.touch('key', 100))
attempt('touch of nothing', lambda: client.touch('none', 100))
attempt('incr of nothing', lambda: client.incr('number', 1))
attempt('set of a number', lambda: client.set('number', '10'))
attempt('incr', lambda: client.incr('number', 5))
attempt('decr', lambda: client.decr('number', 6))
attempt('decr below nothing', lambda: client.decr('number', 100))
attempt('get of a number', lambda: client.get('number'))
attempt('incr of text', lambda: client.incr('key', 1))
attempt('incr by text', lambda: client.incr('number', 'x'))
attempt('delete', lambda: client.delete('key'))
attempt('delete of nothing', lambda: client.delete('key'))
attempt('set_many', lambda: client.set_many({'a': '1', 'b': '2'}))
attempt('delete_many', lambda: client.delete_many(['a', 'b', 'c']))
attempt('a long value', lambda: client.set('long', 'x' * 500000))
attempt('get of it', lambda: len(client.get('long')))
attempt('too large', lambda: client.set('long', 'x' * 1048577))
attempt('get of what was there', lambda: client.get('long'))
attempt('cache_memlimit', lambda: client.cache_memlimit(64))
attempt('verbosity', lambda: client.raw_command('verbosity 0'))
attempt('raw', lambda: client.raw_command('mn'))
attempt('mg', lambda: client.raw_command('mg number t v', end_tokens=b'\r\n'))
attempt('unknown', lambda: client.raw_command('nonsense'))
attempt('stats', lambda: client.stats()[b'pointer_size'])
attempt('stats settings', lambda: client.stats('settings')[b'cas_enabled'])
attempt('stats of nobody', lambda: client.stats('nobody'))
attempt('flush_all', lambda: client.flush_all())
attempt('noreply', lambda: [quiet.set('q', '1'), quiet.add('q', '2'), quiet.delete('r'), quiet.incr('q', 1, noreply=True), quiet.get('q')])
attempt('quit', lambda: quiet.quit())
attempt('shutdown', lambda: client.raw_command('shutdown')[:3] != '')
