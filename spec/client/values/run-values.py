"""Writes values with a client of Python, or prints those that it reads. Arguments: port, client, `write` or `read`."""
import sys

port, name, what = sys.argv[1:]
address = '127.0.0.1:%s' % port
compression = {}

if name == 'pymemcache':
    from pymemcache import serde
    from pymemcache.client.base import Client
    client = Client(('127.0.0.1', int(port)), serde=serde.pickle_serde, default_noreply=False)
elif name == 'python-memcached':
    import memcache
    client = memcache.Client([address])
    compression = {'min_compress_len': 100}
elif name == 'pylibmc':
    import pylibmc
    client = pylibmc.Client([address])
    compression = {'min_compress_len': 100}
else:
    import bmemcached
    client = bmemcached.Client((address,))

VALUES = {
    'text': 'gr\u00fc\u00dfe \U0001f600',
    'empty': '',
    'bytes': b'\x00\xff\r\n',
    'integer': 42,
    'negative': -7,
    'long': 2**70,
    'float': 1.5,
    'true': True,
    'none': None,
    'compressed': 'x' * 1000,
    'object': {'a': [1]},
}

if what == 'write':
    for key, value in VALUES.items():
        client.set(key, value, **(compression if key == 'compressed' else {}))
else:
    for key in VALUES:
        print('%s: %.40r' % (key, client.get(key)))
