import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { expect } from 'chai'
import type { ClientError } from '../../../lib/client/client-error.js'
import { createServerSource } from '../../../lib/client/servers/create-server-source.js'
import type { ServerAddress } from '../../../lib/client/servers/server-address.js'
import type { ServerSource } from '../../../lib/client/servers/server-source.js'
import { type Certificate, CertificateFolder } from '../../support/certificates.js'
import { eventually } from '../../support/eventually.js'
import { needs, OPENSSL } from '../../support/peers.js'
import { ManualTimers } from './manual-timers.js'

type Answer = (question: string, socket: Socket) => void

/** A configuration endpoint that answers as it is told. */
class FakeEndpoint {
  answer: Answer = () => {}
  readonly questions: string[] = []
  private readonly sockets = new Set<Socket>()
  private readonly server: Server

  constructor(certificate?: Certificate) {
    const serve = (socket: Socket): void => {
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
      socket.on('error', () => {})
      socket.on('data', (bytes) => {
        this.questions.push(bytes.toString())
        this.answer(bytes.toString(), socket)
      })
    }
    if (certificate === undefined) this.server = createServer(serve)
    else {
      const [cert, key] = [certificate.cert, certificate.key].map((file) => readFileSync(file))
      this.server = createTlsServer({ cert: cert!, key: key! }, serve)
    }
  }

  async listen(): Promise<number> {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    return (this.server.address() as AddressInfo).port
  }

  get openCount(): number {
    return this.sockets.size
  }

  close(): void {
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
  }
}

const configuration = (version: number, nodes: string, verb = 'CONFIG cluster'): string => {
  const payload = `${version}\n${nodes}\n`
  return `${verb} 0 ${payload.length}\r\n${payload}\r\nEND\r\n`
}

const says =
  (reply: string): Answer =>
  (_question, socket) =>
    socket.write(reply)

describe('ElastiCache auto discovery', () => {
  let endpoint: FakeEndpoint
  let timers: ManualTimers
  let source: ServerSource
  let lists: (readonly ServerAddress[])[]
  let errors: ClientError[]

  beforeEach(async () => {
    endpoint = new FakeEndpoint()
    timers = new ManualTimers()
    lists = []
    errors = []
    source = createServerSource(`elasticache:127.0.0.1:${await endpoint.listen()}`, {
      timers,
      loadTimeoutMs: 777,
    })
  })
  afterEach(() => {
    source.close()
    endpoint.close()
  })

  /** Until an answer, or its failure, has been taken in: then one timer waits for the next question. */
  const answered = () => eventually('next', async () => (timers.waits[0] === 777 ? 'asking' : 'next'))
  const start = async (answer: Answer): Promise<void> => {
    endpoint.answer = answer
    source.subscribe(
      (servers) => lists.push(servers),
      (error) => errors.push(error),
    )
    await answered()
  }
  const askAgain = async (answer: Answer): Promise<void> => {
    endpoint.answer = answer
    await timers.pass()
    await answered()
  }
  const names = () => lists.map((servers) => servers.map(({ name }) => name))

  it('reads the nodes of the cluster: by name, or by address where the name is missing', async () => {
    await start(says(configuration(12, 'a.cache.example|10.0.0.1|11211 |10.0.0.2|11212 c.cache.example||1')))
    expect(endpoint.questions).deep.equal(['config get cluster\r\n'])
    expect(names()).deep.equal([['a.cache.example:11211', '10.0.0.2:11212', 'c.cache.example:1']])
    expect(errors).deep.equal([])
  })

  it('reads a reply that comes in pieces', async () => {
    const reply = configuration(12, 'a|10.0.0.1|1 b|10.0.0.2|2')
    await start(async (_question, socket) => {
      for (const byte of reply) {
        socket.write(byte)
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
    expect(names()).deep.equal([['a:1', 'b:2']])
  })

  it('asks old endpoints in the old way', async () => {
    const old = configuration(3, 'a|10.0.0.1|1', 'VALUE AmazonElastiCache:cluster')
    await start((question, socket) => socket.write(question.startsWith('config') ? 'ERROR\r\n' : old))
    expect(endpoint.questions).deep.equal(['config get cluster\r\n', 'get AmazonElastiCache:cluster\r\n'])
    expect(names()).deep.equal([['a:1']])
  })

  it('follows changes, and keeps no connection between questions', async () => {
    await start(says(configuration(1, 'a||1 b||2')))
    await askAgain(says(configuration(1, 'a||1 b||2')))
    expect(lists.length).equal(1)
    await askAgain(says(configuration(2, 'b||2 c||3')))
    expect(names().at(-1)).deep.equal(['b:2', 'c:3'])
    expect(lists[1]![0]).equal(lists[0]![1])
    expect(timers.waits).deep.equal([60_000])
    await eventually(0, async () => endpoint.openCount)
  })

  it('ignores a version that is older than the last, unless it is repeated', async () => {
    await start(says(configuration(7, 'a||1')))
    await askAgain(says(configuration(6, 'old||1')))
    await askAgain(says(configuration(7, 'a||1')))
    await askAgain(says(configuration(6, 'old||1')))
    expect(names()).deep.equal([['a:1']])
    await askAgain(says(configuration(1, 'new||1')))
    expect(lists.length).equal(1)
    await askAgain(says(configuration(1, 'new||1')))
    expect(names().at(-1)).deep.equal(['new:1'])
    expect(errors).deep.equal([])
  })

  const FAILURES: readonly [title: string, answer: Answer, code: string][] = [
    ['is no cluster', says('END\r\n'), 'PROTOCOL'],
    ['refuses both questions', says('ERROR\r\n'), 'PROTOCOL'],
    ['sends a node without a port', says(configuration(2, 'a|10.0.0.1')), 'PROTOCOL'],
    ['sends a node with port 0', says(configuration(2, 'a||0')), 'PROTOCOL'],
    ['sends a node without a name', says(configuration(2, '||1')), 'PROTOCOL'],
    ['sends no end', says('x'.repeat(70_000)), 'PROTOCOL'],
    ['hangs up', (_question, socket) => socket.end(), 'CONNECTION'],
    ['resets the connection', (_question, socket) => socket.resetAndDestroy(), 'UNREACHABLE'],
  ]
  for (const [title, answer, code] of FAILURES)
    it(`reports ${code} and keeps the last list if the endpoint ${title}`, async () => {
      await start(says(configuration(1, 'a||1')))
      await askAgain(answer)
      expect(errors.map((error) => error.code)).deep.equal([code])
      expect(errors[0]!.message).match(/^elasticache:127\.0\.0\.1:\d+: /)
      await askAgain(says(configuration(2, 'b||1')))
      expect(names()).deep.equal([['a:1'], ['b:1']])
    })

  it('reports that nobody listens', async () => {
    endpoint.close()
    await start(() => {})
    expect(errors.map(({ code, message }) => [code, /ECONNREFUSED/.test(message)])).deep.equal([
      ['UNREACHABLE', true],
    ])
  })

  it('gives up a question that gets no answer, and closes its connection', async () => {
    endpoint.answer = () => {}
    source.subscribe(
      () => {},
      (error) => errors.push(error),
    )
    await eventually(1, async () => endpoint.questions.length)
    await timers.pass()
    expect(errors.map(({ code }) => code)).deep.equal(['TIMEOUT'])
    await eventually(0, async () => endpoint.openCount)
  })

  it('closes its connection when it is closed', async () => {
    endpoint.answer = () => {}
    source.subscribe(
      () => {},
      (error) => errors.push(error),
    )
    await eventually(1, async () => endpoint.questions.length)
    source.close()
    await eventually(0, async () => endpoint.openCount)
    expect(errors).deep.equal([])
  })
})

describe('ElastiCache auto discovery over TLS', () => {
  needs(OPENSSL)
  const folder = new CertificateFolder()

  it('checks the certificate of the endpoint, and reaches the nodes over TLS, too', async () => {
    const certificate = folder.make('localhost')
    const endpoint = new FakeEndpoint(certificate)
    endpoint.answer = says(configuration(1, 'a||1'))
    const given = `elasticache:localhost:${await endpoint.listen()}`
    for (const tls of [{ ca: readFileSync(certificate.cert) }, {}]) {
      const source = createServerSource(given, { tls })
      const outcome = await new Promise<unknown>((resolve) => source.subscribe(resolve, resolve))
      if (tls.ca === undefined)
        expect(outcome)
          .property('message')
          .match(/self-signed|self signed/)
      else expect(outcome).property('0').include({ name: 'a:1', tls: true })
      source.close()
    }
    endpoint.close()
  })
})
