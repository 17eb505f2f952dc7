"""Asks pylibmc (libmemcached) for everything it can do and prints every answer. Arguments: port, and `text` or `binary`."""
import sys

import pylibmc

client = pylibmc.Client(['127.0.0.1:%s' % sys.argv[1]], binary=sys.argv[2] == 'binary', behaviors={'cas': True, 'tcp_nodelay': True})


def attempt(what, ask):
    try:
        print('%s: %.300r' % (what, ask()))
    except Exception as error:
        print('%s: %s' % (what, type(error).__name__))


attempt('flush_all', client.flush_all)
attempt('get of nothing', lambda: client.get('key'))
attempt('set', lambda: client.set('key', 'value'))
attempt('get', lambda: client.get('key'))
attempt('add', lambda: client.add('key', 'other'))
attempt('add of a new key', lambda: client.add('new', 'other'))
attempt('replace', lambda: client.replace('key', 'replaced'))
attempt('replace of nothing', lambda: client.replace('none', 'replaced'))
attempt('append', lambda: client.append('key', '>'))
attempt('prepend', lambda: client.prepend('key', '<'))
attempt('append to nothing', lambda: client.append('none', '>'))
attempt('get', lambda: client.get('key'))

for name, value in (
    ('int', 42),
    ('long', 2**70),
    ('bytes', b'\x00\xff\r\n'),
    ('unicode', 'gr\u00fc\u00dfe'),
    ('object', {'list': [1, 2, 3], 'none': None}),
    ('empty', ''),
    ('bool', True),
):
    attempt('set %s' % name, lambda: client.set(name, value))
    attempt('same %s' % name, lambda: client.get(name) == value)

text = 'x' * 100000
attempt('set compressed', lambda: client.set('compressed', text, min_compress_len=100))
attempt('same compressed', lambda: client.get('compressed') == text)
big = bytes((n * n + n // 256) % 251 for n in range(900000))
attempt('set of 900000 bytes', lambda: client.set('big', big))
attempt('get of 900000 bytes', lambda: client.get('big') == big)
attempt('set of too much', lambda: client.set('big', big * 2))
attempt('get after too much', lambda: client.get('big'))

attempt('touch', lambda: client.touch('key', 1000))
attempt('touch of nothing', lambda: client.touch('none', 1000))
attempt('set with a time', lambda: client.set('timed', 'v', time=1000))

attempt('incr of nothing', lambda: client.incr('counter', 5))
attempt('set counter', lambda: client.set('counter', 5))
attempt('incr', lambda: client.incr('counter', 5))
attempt('decr', lambda: client.decr('counter', 3))
attempt('get counter', lambda: client.get('counter'))
attempt('decr below 0', lambda: client.decr('counter', 30))
attempt('incr of text', lambda: client.incr('key', 1))

value, cas = client.gets('key')
print('gets:', value, cas > 0)
attempt('cas', lambda: client.cas('key', 'changed', cas))
attempt('cas of before', lambda: client.cas('key', 'again', cas))
attempt('get after cas', lambda: client.get('key'))

many = {'many%d' % n: 'value %d' % n for n in range(1000)}
attempt('set_multi', lambda: client.set_multi(many))
attempt('get_multi', lambda: client.get_multi(list(many)) == many)
attempt('get_multi with misses', lambda: sorted(client.get_multi(['many1', 'none', 'many999']).items()))
attempt('get_multi with a prefix', lambda: sorted(client.get_multi(['1', '2'], key_prefix='many').items()))
attempt('add_multi', lambda: sorted(client.add_multi({'many1': 'no', 'added': 'yes'})))
attempt('delete_multi', lambda: client.delete_multi(['many1', 'many2', 'none']))
attempt('get_multi after that', lambda: sorted(client.get_multi(['many1', 'many2', 'many3']).items()))

attempt('delete', lambda: client.delete('new'))
attempt('delete again', lambda: client.delete('new'))
attempt('long key', lambda: client.set('k' * 250, 'v'))
attempt('stats', lambda: sorted(set(client.get_stats()[0][1]) & {'pid', 'curr_items', 'get_hits', 'cmd_set'}))
attempt('flush_all', client.flush_all)
attempt('get after flush_all', lambda: client.get('key'))
client.disconnect_all()
attempt('set after disconnecting', lambda: client.set('key', 'v'))
