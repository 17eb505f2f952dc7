"""Asks python-binary-memcached for everything it can do and prints every answer. Arguments: port, user, password;
with TLS in the environment the connection is encrypted."""
import os
import ssl
import sys

import bmemcached

port, user, password = (sys.argv[1:] + [None, None])[:3]
tls = None
if 'TLS' in os.environ:
    tls = ssl.create_default_context()
    tls.check_hostname = False
    tls.verify_mode = ssl.CERT_NONE
client = bmemcached.Client(('127.0.0.1:%s' % port,), user, password, tls_context=tls)


def show(what, answer):
    print('%s: %.300r' % (what, answer))


def attempt(what, ask):
    try:
        show(what, ask())
    except Exception as error:
        show(what, '%s: %s' % (type(error).__name__, error))


attempt('flush_all', client.flush_all)
attempt('get of nothing', lambda: client.get('key'))
attempt('set', lambda: client.set('key', 'value'))
attempt('get', lambda: client.get('key'))
attempt('add', lambda: client.add('key', 'other'))
attempt('add of a new key', lambda: client.add('new', 'other'))
attempt('replace', lambda: client.replace('key', 'replaced'))
attempt('replace of nothing', lambda: client.replace('none', 'replaced'))

for name, value in (
    ('int', 42),
    ('long', 2**70),
    ('bytes', b'\x00\xff\r\n'),
    ('unicode', 'gr\u00fc\u00dfe'),
    ('object', {'list': [1, 2, 3], 'none': None}),
    ('compressed', 'x' * 100000),
    ('empty', ''),
    ('bool', True),
):
    attempt('set %s' % name, lambda: client.set(name, value))
    attempt('get %s' % name, lambda: client.get(name))
    attempt('same %s' % name, lambda: client.get(name) == value)

incompressible = bytes((n * n + n // 256) % 251 for n in range(900000))
attempt('set of 900000 bytes', lambda: client.set('big', incompressible, compress_level=0))
attempt('get of 900000 bytes', lambda: client.get('big') == incompressible)
attempt('set of too much', lambda: client.set('big', incompressible * 2, compress_level=0))
attempt('get after too much', lambda: client.get('big'))

attempt('set with a time', lambda: client.set('timed', 'v', time=1000))
attempt('set with a negative time', lambda: client.set('negative', 'v', time=-1))
attempt('get with a negative time', lambda: client.get('negative'))

attempt('incr creates', lambda: client.incr('counter', 5))
attempt('incr', lambda: client.incr('counter', 5))
attempt('incr with a default', lambda: client.incr('other counter', 5, default=100))
attempt('decr', lambda: client.decr('counter', 3))
attempt('decr below 0', lambda: client.decr('counter', 30))
attempt('decr creates', lambda: client.decr('down', 1, default=7))
attempt('incr of text', lambda: client.incr('key', 1))
attempt('incr to the end', lambda: client.incr('wrap', 1, default=2**64 - 1))
attempt('incr past the end', lambda: client.incr('wrap', 1))

value, cas = client.gets('key')
show('gets', (value, cas > 0))
attempt('cas', lambda: client.cas('key', 'changed', cas))
attempt('cas of before', lambda: client.cas('key', 'again', cas))
attempt('get after cas', lambda: client.get('key'))
attempt('delete with an old cas', lambda: client.delete('key', cas=cas))
attempt('delete with the cas', lambda: client.delete('key', cas=client.gets('key')[1]))
attempt('cas of nothing', lambda: client.cas('key', 'value', cas))

many = {'many %d' % n: 'value %d' % n for n in range(1000)}
attempt('set_multi', lambda: client.set_multi(many))
attempt('get_multi', lambda: client.get_multi(list(many)) == many)
attempt('get_multi with misses', lambda: sorted(client.get_multi(['many 1', 'none', 'many 999', 'nothing']).items()))
attempt('get_multi with cas', lambda: sorted((k, v[0], v[1] > 0) for k, v in client.get_multi(['many 1', 'none'], get_cas=True).items()))
attempt('set_multi that adds', lambda: sorted(client.set_multi({('many 1', 0): 'no', ('added', 0): 'yes', 'plain': 'p'}) or []))
attempt('get_multi of those', lambda: sorted(client.get_multi(['many 1', 'added', 'plain']).items()))
attempt('delete_multi', lambda: client.delete_multi(['many 1', 'many 2', 'none']))
attempt('get_multi after that', lambda: sorted(client.get_multi(['many 1', 'many 2', 'many 3']).items()))

attempt('delete', lambda: client.delete('new'))
attempt('delete again', lambda: client.delete('new'))
attempt('long key', lambda: client.set('k' * 250, 'v'))
attempt('too long key', lambda: client.set('k' * 251, 'v'))
attempt('after the too long key', lambda: client.set('key', 'v'))
attempt('stats', lambda: sorted(set(client.stats()['127.0.0.1:%s' % port]) & {'pid', 'curr_items', 'get_hits', 'cmd_set'}))
attempt('stats settings', lambda: client.stats('settings')['127.0.0.1:%s' % port]['verbosity'])
attempt('flush_all', client.flush_all)
attempt('get after flush_all', lambda: client.get('plain'))
client.disconnect_all()
