/** `keepcached/profiling`: profiles of a program over HTTP. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, get as httpGet, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect } from 'chai'
import { type ProfileServer, serveProfiles } from '../../lib/profiling/index.js'
import { sendCpuProfile, untilGone } from '../../lib/profiling/send-profile.js'
import { eventually } from '../support/eventually.js'

interface Reply {
  readonly status: number
  readonly type: string
  readonly text: string
}

function get(
  { port }: { readonly port: number },
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpGet({ host: '127.0.0.1', port, path, headers, method, agent: false })
    request.on('error', reject)
    request.on('response', async (response: IncomingMessage) => {
      let text = ''
      for await (const chunk of response.setEncoding('utf8')) text += chunk
      resolve({ status: response.statusCode!, type: `${response.headers['content-disposition']}`, text })
    })
  })
}

const errorOf = ({ text }: Reply): string => JSON.parse(text).error

/** Of a wrong request, which takes no profile: 400, or 409 while another one is being taken. */
const statusOf = async (profiles: ProfileServer): Promise<number> =>
  (await get(profiles, '/debug/profile?seconds=0')).status

/** It is done when its standard input ends. */
const PROGRAM = `
  import { serveProfiles } from ${JSON.stringify(new URL('../../lib/profiling/index.js', import.meta.url))}
  const { port } = await serveProfiles()
  process.stdout.write(String(port))
  process.stdin.resume()
`

/** A function that a profile names. */
function spinForAWhile(): number {
  let sum = 0
  const endMs = performance.now() + 20
  while (performance.now() < endMs) for (let round = 0; round < 1000; round++) sum += Math.sqrt(round)
  return sum
}

describe('the profiles of a program', () => {
  let profiles: ProfileServer
  before(async () => {
    profiles = await serveProfiles()
  })
  after(() => profiles.close())

  it('say where the thread spends its time', async () => {
    const timer = setInterval(spinForAWhile, 25)
    const { status, type, text } = await get(profiles, '/debug/profile?seconds=1')
    clearInterval(timer)
    expect([status, type]).to.deep.equal([200, 'attachment; filename="keepcached.cpuprofile"'])
    const profile = JSON.parse(text) as {
      nodes: { callFrame: { functionName: string } }[]
      samples: number[]
    }
    expect(profile.samples).to.not.be.empty
    expect(profile.nodes.map(({ callFrame }) => callFrame.functionName)).to.include('spinForAWhile')
  })

  it('have the objects of the heap', async () => {
    const { status, type, text } = await get(profiles, '/debug/heap')
    expect([status, type]).to.deep.equal([200, 'attachment; filename="keepcached.heapsnapshot"'])
    const { snapshot, nodes, strings } = JSON.parse(text)
    expect(nodes.length).to.equal(snapshot.node_count * snapshot.meta.node_fields.length)
    expect(strings).to.include('spinForAWhile')
  })

  it('are taken one at a time; a client that goes away ends its own', async () => {
    const first = httpGet({ host: '127.0.0.1', port: profiles.port, path: '/debug/profile?seconds=300' })
    first.on('error', () => undefined)
    await eventually(409, () => statusOf(profiles))
    expect(errorOf(await get(profiles, '/debug/profile'))).to.equal('a profile is being taken; try again')
    first.destroy()
    await eventually(400, () => statusOf(profiles))
  })

  it('are refused to pages in a browser, and to names that point here', async () => {
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-origin' },
      { origin: 'http://other.example' },
      { host: 'rebound.example' },
    ])
      expect((await get(profiles, '/debug/heap', headers)).status, JSON.stringify(headers)).to.equal(403)
    const typed = await get(profiles, '/debug/profile?seconds=0', { 'sec-fetch-site': 'none' })
    expect(typed.status).to.equal(400)
  })

  it('are refused for other paths, methods and lengths', async () => {
    // Some are no URL at all.
    for (const path of ['/', '/debug', '/debug/pprof', '/constructor', '//', '//[', '*', '/%'])
      expect((await get(profiles, path)).status, path).to.equal(404)
    expect((await get(profiles, '/debug/heap', {}, 'POST')).status).to.equal(405)
    for (const seconds of ['0', '301', '-1', '1e2', 'x', '']) {
      const reply = await get(profiles, `/debug/profile?seconds=${seconds}`)
      expect([reply.status, errorOf(reply)], seconds).to.deep.equal([
        400,
        'seconds: give a number from 1 to 300',
      ])
    }
  })

  it('need the token, if there is one', async () => {
    await using secret = await serveProfiles({ token: 'a-token-of-the-specs' })
    for (const authorization of ['', 'Bearer a-token-of-the-spec', 'Basic a-token-of-the-specs'])
      expect((await get(secret, '/debug/heap', { authorization })).status).to.equal(401)
    const headers = { authorization: 'Bearer a-token-of-the-specs', host: 'cache.example' }
    expect((await get(secret, '/debug/profile?seconds=0', headers)).status).to.equal(400)
  })

  it('are not served beyond loopback without a token, nor with one that is none', async () => {
    const refused = async (options: Parameters<typeof serveProfiles>[0]): Promise<string> => {
      try {
        await serveProfiles(options)
        return ''
      } catch (error) {
        return (error as Error).message
      }
    }
    expect(await refused({ host: '0.0.0.0' })).to.equal('host: beyond loopback (0.0.0.0) a token is required')
    for (const token of ['short', 'a-token-with-a-snowman-☃', 'a token of some words', 'x'.repeat(1025)])
      expect(await refused({ token })).to.equal('token: give 16 to 1024 visible ASCII characters')
    expect(await refused({ port: profiles.port })).to.match(/EADDRINUSE/)
  })

  it('may take their time, but a client that does not read them is disconnected', async () => {
    const timeouts: (number | undefined)[] = []
    const server = createServer((request, response) => {
      untilGone(response)
      timeouts.push(request.socket.timeout)
      sendCpuProfile(response, '{}')
      timeouts.push(request.socket.timeout)
    })
    server.setTimeout(1000)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { text } = await get(server.address() as AddressInfo, '/')
    server.close()
    expect([text, ...timeouts]).to.deep.equal(['{}', 0, 60_000])
  })

  it('do not keep a program alive: neither a connection nor a profile that is being taken', async () => {
    const program = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM])
    const ended = once(program, 'exit')
    try {
      const [port] = await once(program.stdout, 'data')
      const served = { port: Number(port) }
      const idle = connect(served.port, '127.0.0.1').on('error', () => undefined)
      await once(idle, 'connect')
      const cut = get(served, '/debug/profile?seconds=300').catch(({ code }) => code)
      await eventually(409, async () => (await get(served, '/debug/profile?seconds=0')).status)
      program.stdin.end()
      expect(await ended).to.deep.equal([0, null])
      expect(await cut).to.equal('ECONNRESET')
      idle.destroy()
    } finally {
      program.kill('SIGKILL')
    }
  })

  it('end with their listener', async () => {
    const other = await serveProfiles()
    const cut = get(other, '/debug/profile?seconds=300').catch(({ code }) => code)
    await eventually(409, () => statusOf(other))
    await other.close()
    await other.close()
    expect(await cut).to.equal('ECONNRESET')
  })
})

describe('serveProfiles', () => {
  it('refuses what is no object of its options', async () => {
    for (const [given, message] of [
      [5, 'options: an object is needed'],
      [null, 'options: an object is needed'],
      [{ prot: 9160 }, 'prot: there is no such option'],
    ] as const) {
      const error = await serveProfiles(given as never).catch((reason: unknown) => reason)
      expect(error).to.be.instanceOf(TypeError).with.property('message', message)
    }
  })
})
