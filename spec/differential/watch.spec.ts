import { expect } from 'chai'
import type { Connection } from '../support/connection.js'
import { counterExtras, itemExtras, Op, request, uint32 } from '../support/frames.js'
import { startMemcached } from '../support/memcached.js'
import { MEMCACHED, needs } from '../support/peers.js'
import { type ServerProcess, startServer, useProcess } from '../support/server.js'

/** Each is sent alone, and answered before the next one. */
const TEXT_REQUESTS = [
  'get a',
  'set a 5 0 4\r\nabcd',
  'get a',
  'gets a b',
  'add a 0 0 1\r\nx',
  'add b 0 100 1\r\n5',
  'replace zz 0 0 1\r\nx',
  'append a 0 0 1\r\nx',
  'append zz 0 0 1\r\nx',
  'prepend a 0 0 1\r\nx',
  'cas a 0 0 1 1\r\nx',
  'cas zz 0 0 1 1\r\nx',
  'incr b 5',
  'incr b 500',
  'incr zz 1',
  'incr a 1',
  'decr b 1',
  'touch b 50',
  'touch zz 5',
  'gat 100 b zz',
  'delete b',
  'delete b',
  'mg a s v',
  'mg zz v',
  'mg zz N30 v',
  'ms m 2\r\nhi',
  'ms m 2 MA\r\nhi',
  'ms m 2 MP\r\nhi',
  'ms m 2 ME\r\nhi',
  'ms m 2 MR T30\r\nhi',
  'ms m 2 C1\r\nhi',
  'ms m2 2 I\r\nhi',
  'ma n N0 J5 v',
  'ma n v',
  'ma n MD v',
  'me a',
  'md m I T30',
  'mg m v',
  'md m',
  'md m',
  'mg YQ== b v',
  'mg a T30',
  'mg a q',
  'set bad 0 0 1\r\nxyz',
  'set k%&/(~._- 0 0 0\r\n',
  `get ${'#'.repeat(250)}`,
  'set n%20\xff\x01 0 0 1\r\nx',
  'nonsense',
  'version',
]

const key = 'key'
const value = '12'
const BINARY_REQUESTS = [
  request(Op.GET, { key }),
  request(Op.SET, { key, value, extras: itemExtras() }),
  request(Op.GETKQ, { key }),
  request(Op.ADD, { key, value, extras: itemExtras() }),
  request(Op.REPLACE, { key, value, extras: itemExtras() }),
  request(Op.APPEND, { key, value }),
  request(Op.PREPEND, { key, value }),
  request(Op.APPEND, { key: 'none', value }),
  request(Op.INCREMENT, { key, extras: counterExtras(1n) }),
  request(Op.INCREMENT, { key: 'new', extras: counterExtras(1n) }),
  request(Op.TOUCH, { key, extras: uint32(0) }),
  request(Op.GAT, { key, extras: uint32(0) }),
  request(Op.DELETE, { key }),
  request(Op.DELETE, { key }),
  request(Op.SETQ, { key, value, extras: itemExtras() }),
]

const FENCE = Buffer.from('mn\r\n')
const BINARY_FENCE = request(Op.NOOP)
const WATCH = Buffer.from('watch fetchers mutations\r\n')

/** The lines that a watcher gets, without time, number and connection. */
async function watchedLines(
  server: ServerProcess,
  requests: readonly Buffer[],
  fence: Buffer,
  fenceReplyLength: number,
): Promise<string[]> {
  const [watcher, client] = [await server.connect(), await server.connect()]
  watcher.send(WATCH)
  await watcher.receive('OK\r\n'.length)
  for (const each of requests) {
    client.send(Buffer.concat([each, fence]))
    await receiveReply(client, fence, fenceReplyLength)
  }
  const end = await server.connect()
  end.send(Buffer.from('get end-of-watch\r\n'))
  let text = ''
  while (!text.includes('end-of-watch'))
    text += (await watcher.receiveUntil(Buffer.from('\n'))).toString('latin1')
  for (const connection of [watcher, client, end]) connection.close()
  return text
    .split('\n')
    .filter((line) => line.includes('type=item_'))
    .map((line) => line.replace(/^ts=\d+\.\d+ gid=\d+ /, '').replace(/ cfd=\d+/, ' cfd=N'))
}

async function receiveReply(client: Connection, fence: Buffer, length: number): Promise<void> {
  if (fence === FENCE) await client.receiveUntil(Buffer.from('MN\r\n'))
  else {
    let header = await client.receive(length)
    while (header[1] !== Op.NOOP) {
      await client.receive(header.readUInt32BE(8))
      header = await client.receive(length)
    }
  }
}

describe('keepcached sends watchers the same lines as memcached', () => {
  needs(MEMCACHED)
  const memcached = useProcess(() => startMemcached())
  const keepcached = useProcess(() => startServer())

  for (const [what, requests, fence, fenceReplyLength] of [
    ['in text and meta', TEXT_REQUESTS.map((each) => Buffer.from(`${each}\r\n`, 'latin1')), FENCE, 4],
    ['in binary', BINARY_REQUESTS, BINARY_FENCE, 24],
  ] as const)
    it(what, async () => {
      const theirs = await watchedLines(memcached(), requests, fence, fenceReplyLength)
      const ours = await watchedLines(keepcached(), requests, fence, fenceReplyLength)
      expect(ours).to.deep.equal(theirs)
      expect(ours.length).greaterThan(requests.length)
    })
})
