<?php
// Asks php-memcached (libmemcached) for everything it can do and prints every answer. Arguments: port, and `text` or `binary`.
$client = new Memcached();
$client->setOption(Memcached::OPT_BINARY_PROTOCOL, $argv[2] === 'binary');
$client->addServer('127.0.0.1', (int) $argv[1]);

function show(string $what, mixed $answer): void
{
    global $client;
    echo $what, ': ', substr(json_encode($answer), 0, 300), ' ', $client->getResultCode(), "\n";
}

show('flush', $client->flush());
show('get of nothing', $client->get('key'));
show('set', $client->set('key', 'value'));
show('get', $client->get('key'));
show('add', $client->add('key', 'other'));
show('replace', $client->replace('key', 'replaced'));
show('replace of nothing', $client->replace('none', 'replaced'));
$client->setOption(Memcached::OPT_COMPRESSION, false);
show('append', $client->append('key', '>'));
show('prepend', $client->prepend('key', '<'));
show('append to nothing', $client->append('none', '>'));
show('get', $client->get('key'));
$client->setOption(Memcached::OPT_COMPRESSION, true);
foreach ([1, 1.5, true, ['a' => [1, 2]], str_repeat('x', 100000), ''] as $index => $value) {
    show("set $index", $client->set("value $index", $value));
    show("same $index", $client->get("value $index") === $value);
}
show('touch', $client->touch('key', 1000));
show('touch of nothing', $client->touch('none', 1000));
show('increment of nothing', $client->increment('counter'));
show('increment creates', $client->increment('counter', 5, 100));
show('increment', $client->increment('counter', 5));
show('decrement', $client->decrement('counter', 1));
show('get counter', $client->get('counter'));
show('increment of text', $client->increment('key'));
$extended = $client->get('key', null, Memcached::GET_EXTENDED);
show('cas', $client->cas($extended['cas'], 'key', 'changed'));
show('cas of before', $client->cas($extended['cas'], 'key', 'again'));
$many = [];
for ($n = 0; $n < 500; $n++) {
    $many["many$n"] = "value $n";
}
show('setMulti', $client->setMulti($many));
show('getMulti', $client->getMulti(array_keys($many)) == $many);
show('deleteMulti', $client->deleteMulti(['many1', 'many2', 'none']));
show('delete', $client->delete('key'));
show('delete again', $client->delete('key'));
show('version', preg_match('/^\d+\.\d+\.\d+$/', current($client->getVersion())));
show('stats', isset(current($client->getStats())['curr_items']));
show('flush', $client->flush());
show('get after flush', $client->get('many3'));
