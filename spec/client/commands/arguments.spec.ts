import { expect } from 'chai'
import { ChangeCall } from '../../../lib/client/calls/change-call.js'
import { Client, ClientError } from '../../../lib/client/index.js'
import { Command } from '../../../lib/request/command.js'
import { startServer, useProcess } from '../../support/server.js'
import { codeOf } from '../support/code-of.js'

/** A call as a program in JavaScript may make it, and the code and the beginning of the message that it fails with. */
type Wrong = readonly [
  words: string,
  call: (client: Client) => Promise<unknown>,
  code: string,
  message: string,
]

const as = (given: unknown): never => given as never

const WRONG: readonly Wrong[] = [
  ['a meta verb that is a list', (c) => c.meta(as(['mg']), 'a'), 'BAD_REQUEST', 'verb: '],
  ['meta flags that are a list', (c) => c.meta('mg', 'a', { flags: as(['v']) }), 'BAD_REQUEST', 'flags: '],
  ['meta flags that are a number', (c) => c.meta('mg', 'a', { flags: as(5) }), 'BAD_REQUEST', 'flags: '],
  ['meta flags that have no text', (c) => c.meta('mg', 'a', { flags: as(5n) }), 'BAD_REQUEST', 'flags: '],
  ['a meta value that is a number', (c) => c.meta('ms', 'a', { value: as(5) }), 'BAD_VALUE', 'value: '],
  ['a setMany of a number', (c) => c.setMany(as(5)), 'BAD_KEY', 'entries: '],
  ['a setMany of null', (c) => c.setMany(as(null)), 'BAD_KEY', 'entries: '],
  ['a setMany of a text', (c) => c.setMany(as('ab')), 'BAD_KEY', 'entries: '],
  ['a setMany of numbers', (c) => c.setMany(as([5])), 'BAD_KEY', 'entries: '],
  ['a setMany of triples', (c) => c.setMany(as([['a', 1, 60]])), 'BAD_KEY', 'entries: '],
  ['a setMany of texts, which look like pairs', (c) => c.setMany(as(['ab', 'cd'])), 'BAD_KEY', 'entries: '],
  [
    'a setMany with one wrong key',
    (c) =>
      c.setMany(
        as([
          ['a', 1],
          [5, 1],
        ]),
      ),
    'BAD_KEY',
    'not a key: ',
  ],
  ['a getMany of nothing', (c) => c.getMany(as(undefined)), 'BAD_KEY', 'keys: '],
  ['a getMany of a number', (c) => c.getMany(as(5)), 'BAD_KEY', 'keys: '],
  ['a getMany of numbers', (c) => c.getMany(as(['a', 5])), 'BAD_KEY', 'not a key: '],
  ['a deleteMany of nothing', (c) => c.deleteMany(as(undefined)), 'BAD_KEY', 'keys: '],
  ['a deleteMany of numbers', (c) => c.deleteMany(as(['a', 5])), 'BAD_KEY', 'not a key: '],
  ['a getOrSet of a number', (c) => c.getOrSet(as(5), '1m', () => 1), 'BAD_KEY', 'not a key: '],
  ['a getOrSet without a load', (c) => c.getOrSet('a', '1m', as(5)), 'BAD_REQUEST', 'load: '],
  ...(
    [
      ['whenDown', 'fial'],
      ['onRefreshError', 'no'],
      ['staleFor', new Date()],
      ['refreshBefore', new Date()],
      ['lockTtl', new Date()],
      ['deadline', '5'],
      ['signal', { aborted: false }],
    ] as const
  ).map(
    ([name, given]): Wrong => [
      `a getOrSet with a wrong ${name}`,
      (c) => c.getOrSet('a', '1m', () => 1, { [name]: given }),
      'BAD_OPTION',
      `${name}: `,
    ],
  ),
  ['a lock with a wrong wait', (c) => c.lock('a', '1m', { wait: as('5') }), 'BAD_OPTION', 'wait: '],
  ['a wait with a wrong timeout', (c) => c.waitFor('a', { timeout: as('5') }), 'BAD_OPTION', 'timeout: '],
  ['a lock of a number', (c) => c.lock(as(5), '1m'), 'BAD_KEY', 'not a key: '],
  ['a group that is a number', (c) => c.stats(as(5)), 'BAD_KEY', 'group: '],
  ['a group that is a list', (c) => c.stats(as(['items'])), 'BAD_KEY', 'group: '],
]

describe('a wrong argument is an error before anything is sent:', () => {
  let client: Client
  before(() => {
    // A list that never arrives, so that nothing can be sent: such a call would fail with TIMEOUT.
    client = new Client(() => new Promise(() => {}))
  })
  after(() => client.close())

  for (const [words, call, code, message] of WRONG)
    it(words, async () => {
      // What is thrown at once is no rejection: it fails the spec.
      const promise = call(client)
      const error: unknown = await promise.catch((thrown: unknown) => thrown)
      expect(error).instanceOf(ClientError).property('code', code)
      expect((error as ClientError).message.slice(0, message.length)).equal(message)
    })
})

describe('what a codec cannot send', () => {
  const server = useProcess(() => startServer())

  for (const protocol of ['meta', 'binary', 'text'] as const)
    it(`is no full queue, which another attempt may find empty: over ${protocol}`, async () => {
      const client = new Client(`127.0.0.1:${server().port}`, { protocol, timeout: 30_000 })
      const call = new ChangeCall()
      call.value = as(undefined)
      try {
        expect(await codeOf(client.run('set', Command.SET, 'a', call, undefined))).equal('BAD_REQUEST')
        expect(await client.delete('a')).equal(false)
      } finally {
        await client.close()
      }
    })
})
