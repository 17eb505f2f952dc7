/** What is wrong with the options of a test server, or with a fault, is named. */
import { expect } from 'chai'
import { type Fault, startTestServer, type TestServerOptions } from '../../lib/testing/index.js'
import { Kit } from './kit.js'

const WRONG_OPTIONS: readonly (readonly [object | null, RegExp])[] = [
  [null, /^startTestServer: null is not an object of options/],
  [[], /^startTestServer: an array is not an object of options/],
  [new Map(), /^startTestServer: a Map is not an object of options/],
  [{ clock: 'fake' }, /^clock: "fake" is not 'real' or 'manual'/],
  [{ host: 5 }, /^host: 5 is not/],
  [{ port: -1 }, /^port: -1 is not a whole number from 0 to 65535/],
  [{ port: '0' }, /^port: "0" is not/],
  [{ seed: 0.5 }, /^seed: 0.5 is not/],
  [{ requestsMax: -1 }, /^requestsMax: -1 is not/],
  [{ thread: 'yes' }, /^thread: "yes" is not true or false/],
  [{ now: 'soon' }, /^now: "soon" is not a date/],
  [{ faults: {} }, /^faults: an object is not an array/],
  [{ items: 'a' }, /^items: "a" is not an object/],
  [{ workers: 2 }, /^workers: a test server has no such option/],
  [{ admin: '127.0.0.1:0' }, /^admin: a test server has no such option/],
  [{ adminTokenFile: '/' }, /^adminTokenFile: a test server has no such option/],
  [{ adminWrite: true }, /^adminWrite: a test server has no such option/],
  [{ gatewayShadow: 'redis://127.0.0.1' }, /^gatewayShadow: a test server has no such option/],
  [{ items: ['a'] }, /^items: an array is not an object/],
  [{ memoryMegabytes: 0 }, /^memoryMegabytes: 0 is not/],
  [{ now: '1969-01-01' }, /^now: a time lies between/],
  [{ faults: [{ then: 'busy' }, { then: 'tiemout' }] }, /^then: "tiemout" is no fault/],
  [{ dataDirectory: '/' }, /^dataDirectory: a test server has no such option/],
  [{ memory: 5 }, /^memory: there is no such option/],
  [{ memoryMegabytes: '5' }, /^memoryMegabytes: /],
  [{ faults: [{ then: 'tiemout' }] }, /^then: "tiemout" is no fault/],
  [{ items: { a: 5 } }, /^items\["a"\]: 5 is not/],
]

const WRONG_FAULTS: readonly (readonly [unknown, RegExp])[] = [
  [undefined, /^fault: undefined is not an object/],
  ['timeout', /^fault: "timeout" is not an object/],
  [{}, /^then: undefined is no fault; these are: 'not found', .*'timeout', .*\{ delay \}/],
  [{ then: 'tiemout' }, /^then: "tiemout" is no fault; these are: .*'out of memory', .*'refuse'/],
  [{ then: 'toString' }, /^then: "toString" is no fault/],
  [{ then: {} }, /^then: an object is not an object with one of the fields delay, close/],
  [{ then: { delay: 1, slow: 1 } }, /^then: an object is not an object with one of/],
  [{ then: { dely: 1 } }, /^then\.dely: there is no such field; these are: delay, close/],
  [{ then: { delay: 'soon' } }, /^then\.delay: "soon" is not a number of milliseconds/],
  [{ then: { delay: -1 } }, /^then\.delay: -1 is not/],
  [{ then: { close: 'within' } }, /^then\.close: "within" is not 'before', 'after' or a number of bytes/],
  [{ then: { close: 0.5 } }, /^then\.close: 0\.5 is not/],
  [{ then: { garbage: -1 } }, /^then\.garbage: -1 is not/],
  [{ then: { reply: 5 } }, /^then\.reply: 5 is not a string or bytes/],
  [{ then: { restart: true } }, /^then\.restart: true is not one of with items, without items/],
  [{ on: 'gte', then: 'timeout' }, /^on: "gte" is not one of get, touch, .*connect$/],
  [{ on: [], then: 'timeout' }, /^on: an array is not the name of a command/],
  [{ on: ['get', 'connect'], then: 'timeout' }, /^on: an array is not 'connect' alone/],
  [{ key: () => true, then: 'timeout' }, /^key: a function is not a string or a regular expression/],
  [{ on: () => 'get', then: 'timeout' }, /^on: a function is not one of/],
  [{ then: () => 'timeout' }, /^then: a function is no fault/],
  [new Date(0), /^fault: a Date is not an object/],
  [{ on: 'connect', then: { close: 10 } }, /^then\.close: on connect there is no reply/],
  [{ on: 'connect', then: { close: 'after' } }, /^then\.close: on connect there is no reply/],
  [{ key: 5, then: 'timeout' }, /^key: 5 is not a string or a regular expression/],
  [{ connection: 0, then: 'timeout' }, /^connection: 0 is not/],
  [{ times: 0, then: 'timeout' }, /^times: 0 is not/],
  [{ after: -1, then: 'timeout' }, /^after: -1 is not/],
  [{ on: ['get', 'stats'], then: 'evict' }, /^on: stats has no item that could be evicted/],
  [{ then: { slow: 0 } }, /^then\.slow: 0 is not a time above 0/],
  [{ then: { slow: '0s' } }, /^then\.slow: "0s" is not a time above 0/],
  [{ probability: 0, then: 'timeout' }, /^probability: 0 is not a number above 0 and at most 1/],
  [{ probability: 1.5, then: 'timeout' }, /^probability: 1\.5 is not/],
  [{ time: 1, then: 'timeout' }, /^fault\.time: there is no such field; these are: on, key/],
  [{ on: 'get', then: 'refuse' }, /^then: refuse needs on: 'connect'/],
  [{ then: 'reset' }, /^then: reset needs on: 'connect'/],
  [{ on: 'connect', then: 'garbage' }, /^then: a connection can only refuse, reset, close, timeout/],
  [{ on: 'connect', key: 'a', then: 'reset' }, /^key: on connect there is none/],
  [{ on: 'connect', times: 1, then: 'refuse' }, /^times: the system does not tell/],
  [{ on: 'connect', probability: 0.5, then: 'refuse' }, /^probability: 'refuse' holds for every connection/],
]

describe('what is wrong', () => {
  const kit = new Kit()
  afterEach(() => kit.end())

  for (const [options, message] of WRONG_OPTIONS)
    it(`with an option is named: ${message.source}`, async () => {
      const error = await startTestServer(options as TestServerOptions).then(
        (server) => server.stop(),
        (reason) => reason,
      )
      expect(error).to.be.instanceOf(TypeError)
      expect(error.message).to.match(message)
    })

  for (const thread of [false, true])
    it(`with a fault is named${thread ? ', from another thread' : ''}`, async () => {
      const server = await kit.start({ thread })
      for (const [fault, message] of WRONG_FAULTS)
        expect(() => server.faults.add(fault as Fault)).to.throw(TypeError, message)
      expect(server.faults.unused).to.deep.equal([])
    })

  for (const thread of [false, true])
    it(`with a call is named${thread ? ', from another thread' : ''}`, async () => {
      const server = await kit.start({ thread, items: { a: '1' } })
      const wrong: readonly (readonly [(given: never) => unknown, unknown, RegExp])[] = [
        [server.restart, null, /^restart: null is not an object/],
        [server.restart, true, /^restart: true is not an object/],
        [
          server.restart,
          { keepItem: true },
          /^restart\.keepItem: there is no such field; these are: keepItems/,
        ],
        [server.restart, { keepItems: 'no' }, /^keepItems: "no" is not true or false/],
        [server.restart, { keepItems: null }, /^keepItems: null is not/],
        [server.statistics, 5, /^group: 5 is not a group of statistics/],
        [server.statistics, () => '', /^group: a function is not/],
        [server.load, new Map([['b', '1']]), /^items: a Map is not an object of values by key/],
        [server.load, ['b'], /^items: an array is not/],
        [server.load, () => ({}), /^items: a function is not/],
        [server.load, { b: () => '1' }, /^items\["b"\]: a function is not/],
        [server.clock.advance, () => 1, /^clock\.advance: a function is not/],
        [server.clock.set, () => 1, /^clock\.set: a function is not/],
      ]
      for (const [call, given, message] of wrong)
        expect(() => call.call(server, given as never)).to.throw(TypeError, message)
      expect(server.items().length).to.equal(1)
    })

  it('with an address is told with its code', async () => {
    const { port } = await kit.start()
    for (const thread of [false, true]) {
      const error = await startTestServer({ port, thread }).then(
        (server) => server.stop(),
        (reason) => reason,
      )
      expect(error).to.include({ code: 'EADDRINUSE' })
    }
  })

  it('with too many faults is told', async () => {
    const { faults } = await kit.start()
    for (let count = 0; count < 1000; count++) faults.add({ then: 'timeout' })
    expect(() => faults.add({ then: 'timeout' })).to.throw(RangeError, 'at most 1000 faults')
  })
})
