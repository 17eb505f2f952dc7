/** `keepcached bench` with servers. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { expect } from 'chai'
import { Server } from '../../../lib/index.js'
import { ScriptedServer } from '../../client/support/scripted-server.js'
import { Connection } from '../../support/connection.js'
import { MAIN } from '../../support/program.js'
import { runTool } from '../../support/tool.js'

interface Report {
  readonly servers: {
    readonly server: string
    readonly seconds: number
    readonly requests: number
    readonly perSecond: number
    readonly hits: number
    readonly misses: number
    readonly errors: Record<string, number>
    readonly unsent: number
    readonly latencyMicroseconds: Record<'get' | 'set' | 'all', Record<string, number> | null>
  }[]
  readonly pairs?: number
  readonly comparison?: Record<string, { median: number; min: number; max: number }>
}

const addressOf = ({ port }: Server): string => `127.0.0.1:${port}`

async function bench(...words: string[]): Promise<{ code: number; report: Report; complaints: string[] }> {
  const { code, out, complaints } = await runTool(['bench', ...words, '--json', '--warm-up', '0'])
  return { code, report: out === '' ? { servers: [] } : JSON.parse(out), complaints }
}

async function statisticsOf({ port }: Server): Promise<Record<string, number>> {
  const connection = await Connection.open({ host: '127.0.0.1', port })
  connection.send(Buffer.from('stats\r\n'))
  const text = `${await connection.receiveUntil(Buffer.from('END\r\n'))}`
  connection.close()
  return Object.fromEntries(
    [...text.matchAll(/^STAT (\S+) (\S+)/gm)].map(([, name, value]) => [name, +value!]),
  )
}

/** A server that misses each get, and does with each request what it is told. */
const missing = (onGet: (socket: Socket, miss: () => void) => void) =>
  ScriptedServer.start((socket) => {
    socket.on('data', (bytes: Buffer) => {
      const count = `${bytes}`.split('\r\n').length - 1
      for (let index = 0; index < count; index++) onGet(socket, () => socket.write('END\r\n'))
    })
  })

describe('keepcached bench', () => {
  for (const protocol of ['text', 'meta', 'binary'])
    it(`sends as many requests as it was told, over ${protocol}, and counts all replies`, async () => {
      await using server = await Server.start({ port: 0 })
      const { code, report, complaints } = await bench(
        ...[addressOf(server), '--count', '2000', '--gets', '75', '--keys', '500'],
        ...['--connections', '5', '--in-flight', '3', '--protocol', protocol, '--zipf', '0.99'],
      )
      expect([code, complaints]).to.deep.equal([0, []])
      const [result] = report.servers
      expect(result).to.deep.include({
        server: addressOf(server),
        requests: 2000,
        misses: 0,
        errors: {},
        unsent: 0,
      })
      const { get, set, all } = result!.latencyMicroseconds
      expect(all!['count']).to.equal(2000)
      expect(get!['count']).to.equal(result!.hits).and.to.be.within(1400, 1600)
      for (const { p50, p90, p99, p999, max } of [get!, set!, all!] as never as Record<string, number>[])
        expect([p50, p90, p99, p999, max]).to.deep.equal(
          [p50, p90, p99, p999, max].sort((one, other) => one! - other!),
        )
      const statistics = await statisticsOf(server)
      expect(statistics).to.include({ get_hits: result!.hits, curr_items: 500 })
      // Each key is stored first.
      expect(statistics['cmd_set']).to.equal(500 + set!['count']!)
    })

  it('stores values of the lengths it was told, with a time to live', async () => {
    await using server = await Server.start({ port: 0 })
    await bench(addressOf(server), '--count', '1', '--keys', '100', '--size', '10-50', '--ttl', '77')
    const connection = await Connection.open({ host: '127.0.0.1', port: server.port })
    connection.send(
      Buffer.from(`${Array.from({ length: 100 }, (_, n) => `mg bench:${n} s t\r\n`).join('')}mn\r\n`),
    )
    const text = `${await connection.receiveUntil(Buffer.from('MN\r\n'))}`
    connection.close()
    const items = [...text.matchAll(/^HD s(\d+) t(\d+)/gm)].map(([, size, ttl]) => [+size!, +ttl!] as const)
    expect(items).to.have.length(100)
    const sizes = items.map(([size]) => size)
    expect([Math.min(...sizes), Math.max(...sizes), new Set(sizes).size]).to.deep.equal([10, 50, 41])
    for (const [, ttl] of items) expect(ttl).to.be.within(1, 77)
  })

  it('counts misses, and stores nothing first, if it is told so', async () => {
    await using server = await Server.start({ port: 0 })
    const { report } = await bench(addressOf(server), '--count', '300', '--gets', '100', '--no-fill')
    expect(report.servers[0]).to.include({ hits: 0, misses: 300 })
    expect(report.servers[0]!.latencyMicroseconds.set).to.equal(null)
  })

  it('counts errors by their code, and ends with 1', async () => {
    await using server = await Server.start({ port: 0 })
    const words = [addressOf(server), '--size', '2000000', '--connections', '2', '--keys', '10']
    const refused = await bench(...words)
    expect(refused.code).to.equal(76)
    expect(refused.complaints[0]).to.match(/: the keys cannot be stored: .*the server replied: .*too large/)
    const { code, report } = await bench(...words, '--count', '10', '--gets', '0', '--no-fill')
    expect(code).to.equal(1)
    expect(report.servers[0]).to.deep.include({ requests: 0, errors: { TOO_LARGE: 10 } })
  })

  it('makes lost connections again, and counts the requests that were lost with them', async () => {
    let count = 0
    const server = await missing((socket, miss) => {
      if (++count % 10 === 0) socket.destroy()
      else miss()
    })
    const { code, report } = await bench(
      ...[server.name, '--count', '35', '--gets', '100', '--no-fill', '--connections', '1'],
    )
    await server.stop()
    expect(code).to.equal(1)
    expect(report.servers[0]).to.deep.include({ requests: 32, errors: { CONNECTION: 3 } })
  })

  it('does not wait for a server that does not reply', async () => {
    const server = await missing(() => undefined)
    const { report } = await bench(
      ...[
        server.name,
        '--count',
        '2',
        '--gets',
        '100',
        '--no-fill',
        '--connections',
        '1',
        '--timeout',
        '100',
      ],
    )
    await server.stop()
    expect(report.servers[0]).to.deep.include({ requests: 0, errors: { TIMEOUT: 2 } })
  })

  /** A server that dies at its first request, which is one of the warm-up. */
  async function benchDying(...words: string[]) {
    let ended: Promise<void> | undefined
    const server = await missing(() => {
      ended ??= server.stop()
    })
    const { name } = server
    const result = await runTool(['bench', name, '--gets', '100', '--no-fill', '--json', ...words])
    await ended
    return { ...result, name }
  }

  it('refuses a server that goes away in the warm-up', async () => {
    const { code, out, complaints, name } = await benchDying('--warm-up', '60', '--timeout', '100')
    expect([code, out]).to.deep.equal([69, ''])
    expect(complaints).to.have.length(1)
    expect(complaints[0]).to.match(new RegExp(`^${name}: it went away in the warm-up: \\w`))
  })

  it('counts an error for a server without a connection all the time', async () => {
    const { code, out } = await benchDying('--warm-up', '1', '--seconds', '1', '--timeout', '5000')
    expect(code).to.equal(1)
    expect(JSON.parse(out).servers[0]).to.deep.include({ requests: 0, errors: { UNREACHABLE: 1 } })
  })

  it('counts an error for a server that has gone in the middle', async () => {
    const { code, out } = await benchDying('--warm-up', '0', '--connections', '1', '--timeout', '100')
    expect(code).to.equal(1)
    expect(JSON.parse(out).servers[0]).to.deep.include({
      requests: 0,
      errors: { CONNECTION: 1, UNREACHABLE: 1 },
    })
  })

  /** Answers nothing for half a second, then everything. */
  async function benchStalled(...words: string[]): Promise<Report> {
    let held: (() => void)[] | undefined = []
    const server = await missing((_, miss) => {
      if (held === undefined) miss()
      else if (held.push(miss) === 1)
        setTimeout(() => {
          for (const each of held!) each()
          held = undefined
        }, 500)
    })
    const { report } = await bench(server.name, '--gets', '100', '--no-fill', '--connections', '1', ...words)
    await server.stop()
    return report
  }

  it('counts latency at a fixed rate from when requests were due, also while the server stalls', async () => {
    const { servers } = await benchStalled('--rate', '100', '--count', '100')
    const { requests, latencyMicroseconds } = servers[0]!
    expect(requests).to.equal(100)
    // Half of the requests were due while it stalled; those due in its first 300 ms waited for 200 at least.
    expect(latencyMicroseconds.all!['p90']).to.be.above(200_000)
    expect(latencyMicroseconds.all!['max']).to.be.above(490_000)
  })

  it('counts latency from sending without a rate', async () => {
    const { servers } = await benchStalled('--count', '100')
    const { p50, max } = servers[0]!.latencyMicroseconds.all!
    expect(max).to.be.above(490_000)
    expect(p50).to.be.below(max! / 2)
  })

  /** Answers so many requests, then nothing any more. */
  async function benchEndingStalled(answerCount: number, ...words: string[]): Promise<Report> {
    let count = 0
    const server = await missing((_, miss) => {
      if (count++ < answerCount) miss()
    })
    const { code, report } = await bench(
      ...[server.name, '--gets', '100', '--no-fill', '--timeout', '200', '--connections', '1', ...words],
    )
    await server.stop()
    expect(code).to.equal(1)
    expect(report.servers[0]!.requests).to.equal(answerCount)
    return report
  }

  for (const words of [
    ['--seconds', '1'],
    ['--seconds', '1', '--rate', '50'],
    ['--count', '12'],
  ])
    it(`counts the time in which a server stalls at the end, with ${words.join(' ')}`, async () => {
      const { servers } = await benchEndingStalled(10, ...words)
      // Two requests time out one after the other.
      expect(servers[0]!.seconds).to.be.at.least(words[0] === '--count' ? 0.4 : 0.9)
      expect(servers[0]!.perSecond).to.be.at.most(words[0] === '--count' ? 25 : 11)
    })

  it('counts requests that time out among the latencies, with the time that was allowed at least', async () => {
    const { servers } = await benchEndingStalled(4, '--count', '12', '--in-flight', '8')
    const { errors, latencyMicroseconds } = servers[0]!
    expect(errors).to.deep.equal({ TIMEOUT: 8 })
    const { count, p50, max } = latencyMicroseconds.get!
    expect(count).to.equal(12)
    // Eight of twelve, the younger ones on the same connection among them.
    expect([p50! > 199_000, max! > 199_000]).to.deep.equal([true, true])
  })

  it('counts requests that found no place in time', async () => {
    const server = await missing(() => undefined)
    const { code, report } = await bench(
      ...[
        server.name,
        '--rate',
        '1000',
        '--count',
        '100',
        '--gets',
        '100',
        '--no-fill',
        '--connections',
        '2',
      ],
    )
    await server.stop()
    const { errors, unsent, requests, latencyMicroseconds } = report.servers[0]!
    expect([code, requests]).to.deep.equal([1, 0])
    expect(unsent).to.be.above(0)
    expect(unsent + Object.values(errors).reduce((sum, each) => sum + each, 0)).to.equal(100)
    // All were due in the first 100 ms, and those that were never sent waited until a second after them.
    expect(latencyMicroseconds.all!['count']).to.equal(100)
    expect(latencyMicroseconds.all!['p50']).to.be.above(990_000)
  })

  it('loads two servers in turn with the same requests, and compares them in pairs', async () => {
    await using first = await Server.start({ port: 0 })
    await using second = await Server.start({ port: 0 })
    const { code, report } = await bench(
      ...[
        addressOf(first),
        addressOf(second),
        '--count',
        '600',
        '--rounds',
        '3',
        '--keys',
        '50',
        '--connections',
        '1',
      ],
    )
    expect(code).to.equal(0)
    expect(report.servers.map(({ requests }) => requests)).to.deep.equal([600, 600])
    const [one, other] = [await statisticsOf(first), await statisticsOf(second)]
    expect([one!['cmd_get'], one!['cmd_set']]).to.deep.equal([other!['cmd_get'], other!['cmd_set']])
    expect(Object.keys(report.comparison!)).to.deep.equal(['per second', 'p50', 'p99'])
    for (const { median, min, max } of Object.values(report.comparison!)) {
      expect(min).to.be.above(0)
      expect(median).to.be.within(min, max)
    }
  })

  for (const [count, rounds, runs] of [
    [3, 7, 3],
    [10, 4, 4],
  ] as const)
    it(`sends ${count} requests to each of two servers, in ${runs} of ${rounds} rounds`, async () => {
      await using first = await Server.start({ port: 0 })
      await using second = await Server.start({ port: 0 })
      const { report } = await bench(
        ...[addressOf(first), addressOf(second), '--count', `${count}`, '--rounds', `${rounds}`],
        ...['--keys', '10', '--connections', '1'],
      )
      expect(report.servers.map(({ requests }) => requests)).to.deep.equal([count, count])
      expect(report.pairs).to.equal(runs)
    })

  it('prints tables for people, and its progress on a terminal', async () => {
    await using server = await Server.start({ port: 0 })
    await using other = await Server.start({ port: 0 })
    const shown: string[] = []
    const { out } = await runTool(
      ['bench', addressOf(server), addressOf(other), '--seconds', '1', '--rounds', '2', '--warm-up', '0'],
      { showProgress: (line) => shown.push(line) },
    )
    expect(out).to.match(/^127\.0\.0\.1:\d+ +per second +mean +p50 +p90 +p99 +p99\.9 +max\nget +[\d,]+ /)
    expect(out).to.match(/ requests in \d+\.\d s, 100\.0% hits, errors: none\n/)
    expect(out).to.match(/, 2 pairs of runs\n +median +min +max\nper second +\d+\.\d{3} /)
    expect(shown.find((line) => line.includes('1/2'))).to.match(
      /^\[#*-*\] \d+% +1\/2 127\.0\.0\.1:\d+: [\d,]+\/s$/,
    )
    expect(shown.at(-1)).to.equal('')
  })

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)
    it(`prints what it has measured when ${signal} ends it`, async () => {
      const server = await missing((_, miss) => miss())
      const words = ['bench', server.name, '--gets', '100', '--no-fill', '--warm-up', '0', '--seconds', '600']
      // QUIT would write the memory of the program.
      const child = spawn('sh', ['-c', 'ulimit -c 0; exec "$@"', 'sh', process.execPath, MAIN, ...words])
      try {
        let out = ''
        child.stdout.on('data', (chunk) => {
          out += chunk
        })
        await server.untilLines(1)
        child.kill(signal)
        const [, endedBy] = await once(child, 'close')
        expect(endedBy).to.equal(signal)
        expect(out).to.match(/ requests in \d+\.\d s, 0\.0% hits, errors: none\n/)
      } finally {
        child.kill('SIGKILL')
        await server.stop()
      }
    })

  it('refuses wrong words', async () => {
    for (const [words, code, complaint] of [
      [['--size', '9-1'], 64, /^--size: 9-1 is no number of bytes/],
      [['--zipf', '0'], 64, /^--zipf: 0 is no exponent/],
      [['--protocol', 'http'], 64, /^--protocol: http is none of/],
      [['--prefix', 'a b'], 64, /^--prefix: /],
      [['--gets', '101'], 64, /^--gets: 101 is not a number from 0 to 100/],
      [['--count', '1', '--seconds', '1'], 64, /exclude each other$/],
      [['--server', '127.0.0.1:1', '127.0.0.1:2'], 64, /^bench: --server and ADDRESS exclude each other$/],
      [['127.0.0.1:1'], 69, /^127\.0\.0\.1:1: .*ECONNREFUSED/],
    ] as const) {
      const { complaints, ...rest } = await runTool(['bench', ...words])
      expect(rest).to.deep.include({ code, out: '' })
      expect(complaints[0]).to.match(complaint)
    }
  })
})
