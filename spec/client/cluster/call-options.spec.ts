import { getEventListeners } from 'node:events'
import { expect } from 'chai'
import { Client, type ClientOptions, type Key, PartialError } from '../../../lib/client/index.js'
import { startServer, useProcess } from '../../support/server.js'
import { codeOf } from '../support/code-of.js'

const PATIENT: ClientOptions = { timeout: 30_000 }
const CALLERS = 50

/** A list that the spec completes. */
function lateList(): { list: () => Promise<string[]>; arrive: (...names: string[]) => void } {
  let arrive: (...names: string[]) => void = () => {}
  const answer = new Promise<string[]>((resolve) => {
    arrive = (...names) => resolve(names)
  })
  return { list: () => answer, arrive }
}

describe('the options of a call', () => {
  const server = useProcess(() => startServer())
  const name = () => `127.0.0.1:${server().port}`
  let client: Client
  afterEach(() => client.close())

  const WRONG: readonly unknown[] = [
    { signal: new AbortController() },
    { signal: null },
    { signal: 'never' },
    { timeout: '500' },
    { timeout: Number.NaN },
    { timeout: 1e10 },
    { timeout: null },
    5,
  ]

  for (const [when, isReady] of [
    ['once the servers are known', true],
    ['before they are', false],
  ] as const)
    it(`fail that call alone if they are wrong, ${when}`, async () => {
      const { list, arrive } = lateList()
      client = new Client(isReady ? name() : list, PATIENT)
      for (const wrong of WRONG) {
        const options = wrong as { timeout: number }
        expect(await codeOf(client.get('a', options)), String(wrong)).equal('BAD_OPTION')
        expect(await codeOf(client.version(options)), String(wrong)).equal('BAD_OPTION')
      }
      arrive(name())
      expect(await client.set('a', 1)).equal(true)
    })

  it('fail a batch, and each of its keys', async () => {
    client = new Client(name(), PATIENT)
    const error = await client
      .getMany(['a', 'b'], { signal: {} as AbortSignal })
      .catch((caught: PartialError) => caught)
    expect(error).instanceOf(PartialError).property('code', 'BAD_OPTION')
    expect([...(error as PartialError).failed.values()].map(({ code }) => code)).deep.equal([
      'BAD_OPTION',
      'BAD_OPTION',
    ])
  })

  it('may have one signal for many calls, which gets one listener', async () => {
    client = new Client(name(), PATIENT)
    const { signal } = new AbortController()
    const listenerCount = () => getEventListeners(signal, 'abort').length
    const gets = Array.from({ length: CALLERS }, () => client.get('a', { signal }))
    expect(listenerCount()).equal(1)
    await Promise.all(gets)
    expect(listenerCount()).equal(0)
    const load = () => 'loaded'
    const loads = Array.from({ length: CALLERS }, () => client.getOrSet('page', '1m', load, { signal }))
    expect(listenerCount()).equal(1)
    expect(new Set(await Promise.all(loads))).deep.equal(new Set(['loaded']))
    expect(listenerCount()).equal(0)
  })

  it('may have one signal for many calls before the servers are known, which ends them all', async () => {
    client = new Client(() => new Promise(() => {}), PATIENT)
    const controller = new AbortController()
    const { signal } = controller
    const codes = Array.from({ length: CALLERS }, () => codeOf(client.get('a', { signal })))
    expect(getEventListeners(signal, 'abort').length).equal(1)
    controller.abort()
    expect(new Set(await Promise.all(codes))).deep.equal(new Set(['ABORTED']))
    expect(await codeOf(client.get('a', { signal }))).equal('ABORTED')
  })
})

describe('what a program gives to a client', () => {
  const server = useProcess(() => startServer())
  const name = () => `127.0.0.1:${server().port}`
  let client: Client
  afterEach(() => client.close())

  it('fails a call if its pool throws', async () => {
    const createPool = () => ({
      execute: () => {
        throw new Error('no room')
      },
      maintain: () => {},
      statistics: () => ({}) as never,
      retire: () => {},
      close: async () => {},
    })
    client = new Client('127.0.0.1:1', { ...PATIENT, pool: createPool })
    const call = client.get('a').catch((error: Error) => error.message)
    expect(await call).equal('no room')
  })

  it('fails the list if it can make no pool for it', async () => {
    const createPool = () => {
      throw new Error('no pool')
    }
    client = new Client(async () => ['127.0.0.1:1'], { ...PATIENT, pool: createPool })
    const call = client.get('a').catch((error: Error) => error.message)
    expect(await call).equal('the function for servers: no pool')
  })

  it('may be a key of bytes that it changes at once', async () => {
    const other = new Client(name(), PATIENT)
    await other.set('key1', 'one')
    await other.set('key2', 'two')
    const { list, arrive } = lateList()
    client = new Client(list, PATIENT)
    const changing = <R>(call: (key: Key) => Promise<R>): Promise<R> => {
      const key = Buffer.from('key1')
      const promise = call(key)
      key.write('key2')
      return promise
    }
    const one = changing((key) => client.get(key))
    const many = changing((key) => client.getMany([key]))
    const loaded = changing((key) => client.getOrSet(key, '1m', () => 'no'))
    const lock = changing((key) => client.lock(key, '1m'))
    arrive(name())
    expect(await one).equal('one')
    expect([...(await many).values()]).deep.equal(['one'])
    expect(await loaded).equal('one')
    expect(await lock).equal(undefined)
    expect(await changing((key) => client.get(key))).equal('one')
    await other.close()
  })

  it('may be a format whose errors have no code: those of a batch have one', async () => {
    const format = {
      encode: () => {
        throw new TypeError('not today')
      },
      decode: () => undefined,
    }
    client = new Client(name(), { ...PATIENT, flags: format })
    const error = await client.setMany({ a: 1 }).catch((caught: PartialError) => caught)
    const [failure] = (error as PartialError).failed.values()
    expect(failure).include({ code: 'BAD_VALUE', message: 'not today' })
    expect(failure!.cause).instanceOf(TypeError)
  })
})
