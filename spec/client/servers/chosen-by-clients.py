"""Prints the index of the server that a client chooses for each key, one a line.

Standard input is JSON: the client, its servers and behaviors, the keys, and whether the keys are also stored.
"""
import json
import sys

asked = json.load(sys.stdin)
servers, keys = asked['servers'], asked['keys']

if asked['client'] == 'pylibmc':
    import pylibmc

    client = pylibmc.Client(servers, behaviors=asked['behaviors'])
    chosen = [client.hash(key) for key in keys]
    if asked['stored'] and client.set_multi({key: 'value' for key in keys}):
        sys.exit('not all keys were stored')
else:
    import memcache

    chosen = [memcache.serverHashFunction(key.encode()) % len(servers) for key in keys]

print('\n'.join(map(str, chosen)))
