/** The types of the package compile with each supported TypeScript, in a program that checks libraries too. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

const PROGRAM = `
import { type ListenAddress, type ListenerFacts, type ProtocolName, Server, type ServerOptions, type StartOptions } from 'keepcached'
import { Client, ClientError, type ClientOptions, Commands, type CommandTrace, type GetOrSetOptions, type Lock, PartialError, renderPrometheus, type Ttl, type Versioned } from 'keepcached/client'
import { type Codec, connect, type Connection, lines, listen, type Listener, NEED_MORE } from 'keepcached/net'
import { type ProfileOptions, type ProfileServer, serveProfiles } from 'keepcached/profiling'
import { decodeFrame, encodeFrame, type Frame, FrameReader, request } from 'keepcached/protocol'
import { type Fault, startTestServer, type TestItem, type TestRequest, type TestServer, type TestServerOptions } from 'keepcached/testing'

export async function start(options: StartOptions): Promise<[string, number, readonly ListenerFacts[]]> {
  const server: Server = (await Server.start(options)).unref()
  return [server.uri, server.port, server.addresses]
}
export const bytesCodec: Codec<Buffer, Uint8Array> = {
  decode: (input) => (input.start === input.end ? NEED_MORE : input.bytes.subarray(input.start, (input.start = input.end))),
  encode: (message, output) => output.writeBytes(message),
}
export async function echo(): Promise<Connection<string>> {
  const listener: Listener<string> = await listen(lines(), { onMessage: (line, { send }) => void send(line) })
  return connect(lines(), { onError: (error: Error) => console.error(error) }, { port: listener.port, tls: true })
}
interface Cart { readonly items: readonly number[] }
class Person { constructor(readonly name: string) {} }
export async function typesOfValues(client: Client, anything: unknown, cart: Cart | undefined): Promise<void> {
  const upper: string = await client.getOrSet('page', '1m', (key: string) => key.toUpperCase())
  const loaded: Cart = await client.getOrSet('cart', '1m', async (): Promise<Cart> => ({ items: [] }))
  const explicit: Cart = await client.getOrSet<Cart>('cart', '1m', (key: string) => ({ items: [key.length] }))
  const length: number = await client.getOrSet(Buffer.from('cart'), '1m', (key: Buffer) => key.readUInt8())
  const maybe: Cart | undefined = await client.getOrSet('cart', '1m', () => cart)
  // @ts-expect-error: the load may find nothing.
  const surely: Cart = await client.getOrSet('cart', '1m', () => cart)
  const found: Map<string, Cart> = await client.getMany<Cart>(['a'])
  const foundAny: Map<string, unknown> = await client.getMany(['a'])
  const foundBytes: Map<Uint8Array, unknown> = await client.getMany([Buffer.from('a')])
  for (const value of ['', 1, 1n, true, null, [1], { a: 1 }, new Date(), new Person('Ada'), Buffer.alloc(1), loaded, anything]) await client.set('k', value)
  await client.add('k', loaded)
  await client.set<Cart>('k', { items: [1] })
  // @ts-expect-error: BAD_VALUE.
  await client.set('k', undefined)
  // @ts-expect-error: BAD_VALUE, if there is none.
  await client.replace('k', cart)
  // @ts-expect-error: BAD_VALUE.
  await client.add('k', () => 1)
  // @ts-expect-error: BAD_VALUE.
  await client.cas('k', new Map([['a', 1]]), 1n)
  // @ts-expect-error: BAD_VALUE.
  await client.set('k', new Set([1]))
  // @ts-expect-error: an await is missing.
  await client.set('k', client.get('other'))
  console.log(upper, explicit, length, maybe, surely, found, foundAny, foundBytes)
}
const clientOptions: ClientOptions = { prefix: 'shop:', timeout: 500, distribution: (key, servers) => key.length % servers.length, breaker: { trials: 2 }, pool: { max: 4 } }
export async function useClient(ttl: Ttl): Promise<Cart | undefined> {
  const client: Client = new Client(['a:1', { address: 'b:2', weight: 3 }], clientOptions)
  const commands: Commands = client
  const isStored: boolean = await commands.set('cart', { items: [1] }, { ttl, signal: AbortSignal.timeout(5) })
  const versioned: Versioned<Cart> | undefined = await client.gets<Cart>('cart')
  if (versioned !== undefined && isStored) {
    const outcome: 'stored' | 'changed' | 'missing' = await client.cas('cart', versioned.value, versioned.cas)
    console.log(outcome)
  }
  const many: Map<'a' | 'b', number> = await client.getMany<number, 'a' | 'b'>(['a', 'b'])
  const count: bigint | undefined = await client.increment('n', 2n, { initial: 0 })
  const options: GetOrSetOptions = { staleFor: '1m', onRefreshError: (error) => console.error(error.message) }
  const loaded: string = await client.getOrSet('page', ttl, async (key) => String(key), options)
  const lock: Lock | undefined = await client.lock('job', '1m', { wait: 100 })
  const token: bigint | undefined = lock?.token
  client.events.on('breaker', (server, { from, to }) => console.log(server, from, to))
  console.log(many, count, loaded, token, renderPrometheus(client.statistics()))
  return client.get<Cart>('cart').catch((error: unknown) => {
    if (error instanceof PartialError) for (const [key, { code }] of error.failed) console.log(key, code)
    if (error instanceof ClientError && error.code === 'TIMEOUT') return undefined
    throw error
  })
}
// @ts-expect-error: a value has no type until the program says which.
export const wrong: Promise<string> = new Client().get('key')
// @ts-expect-error: there is no such protocol.
export const other = new Client('a:1', { protocol: 'http' })
export const traceOf = (trace: CommandTrace): string => trace['db.operation.name']
export type Names = [ListenAddress, ProtocolName, ServerOptions]
export async function inTest(options: TestServerOptions): Promise<[TestItem[], TestRequest[]]> {
  await using cache: TestServer = await startTestServer({ clock: 'manual', saslEnabled: false, ...options })
  const fault: Fault = { on: ['get', 'cas'], key: /^user:/, times: 1, then: { delay: '2s' } }
  cache.faults.add(fault)
  cache.clock.advance('1h')
  return [cache.items(), cache.requests]
}
export async function profile(options: ProfileOptions): Promise<number> {
  await using profiles: ProfileServer = await serveProfiles({ port: 9160, ...options })
  return profiles.port
}
export const bytes: Buffer = encodeFrame(request('get', { key: 'sky' }))
export const frames: Frame[] = [...new FrameReader().push(bytes)]
export const end: number | undefined = decodeFrame(bytes)?.end
`

/**
 * The newest compiler is four times as fast: it alone also checks the types of Node, in a program with those of browsers. The others
 * check our types and the program.
 */
const FASTEST = 'typescript'
const WITHOUT_BROWSERS = ['--lib', 'es2022']

/** With nodenext the extension of a file decides its kind of module, and so which export of the package is used. */
const FILES = ['module.mts', 'script.cts']

const NODE_TYPES = ['@types/node', 'undici-types']

describe('the types of the package', function () {
  this.slow(10_000)
  let folder = ''

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'keepcached-types-'))
    const installed = join(folder, 'node_modules', 'keepcached')
    mkdirSync(installed, { recursive: true })
    cpSync(join(ROOT, 'package.json'), join(installed, 'package.json'))
    for (const part of ['esm', 'cjs']) {
      const filter = (path: string): boolean => !/\.(js|map)$/.test(path)
      cpSync(join(ROOT, 'dist', part), join(installed, 'dist', part), { recursive: true, filter })
    }
    for (const types of NODE_TYPES)
      cpSync(join(ROOT, 'node_modules', types), join(folder, 'node_modules', types), { recursive: true })
    for (const file of FILES) writeFileSync(join(folder, file), PROGRAM)
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  for (const name of [FASTEST, 'typescript-6', 'typescript-5.9', 'typescript-5.2'])
    it(`compile with ${versionOf(name)} without skipLibCheck`, () => {
      const compiler = join(ROOT, 'node_modules', name, 'bin', 'tsc')
      const words = [
        '--noEmit',
        '--strict',
        '--target',
        'es2022',
        '--module',
        'nodenext',
        '--skipLibCheck',
        'false',
        // The libraries of TypeScript itself are not ours, and take half the time.
        '--skipDefaultLibCheck',
        'true',
        ...(name === FASTEST ? [] : WITHOUT_BROWSERS),
      ]
      if (name !== FASTEST)
        for (const types of NODE_TYPES) leaveUnchecked(join(folder, 'node_modules', types))
      const { status, stdout } = spawnSync(process.execPath, [compiler, ...words, ...FILES], {
        cwd: folder,
        encoding: 'utf8',
      })
      expect(stdout).to.equal('')
      expect(status).to.equal(0)
    })
})

/** A compiler then only reads these declarations. */
function leaveUnchecked(types: string): void {
  const names = readdirSync(types, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.d.ts'),
  )
  for (const path of names.map((name) => join(types, name))) {
    const text = readFileSync(path, 'utf8')
    if (!text.startsWith(UNCHECKED)) writeFileSync(path, UNCHECKED + text)
  }
}

const UNCHECKED = '// @ts-nocheck\n'

function versionOf(name: string): string {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'))
  return `TypeScript ${manifest.version}`
}
