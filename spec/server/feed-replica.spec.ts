import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Connection } from '../support/connection.js'
import { Random } from '../support/random.js'
import { type ServerProcess, startServer } from '../support/server.js'
import { line } from '../support/text-replies.js'
import { withThreads } from '../support/threads.js'
import { ask } from '../support/watcher.js'

const KEY_COUNT = 1000
const ROUND_COUNT = 5
const CLIENT_COUNT = 4
/** The changes of each client in a round that is several times as long as a history of 64 KiB. */
const LONG_COUNT = 700
const SHORT_COUNT = 250

/** A copy of a server, made of the lines of `watch changes initial values`. */
class LineReplica {
  readonly items = new Map<string, string>()
  readonly counts = new Map<string, number>()
  private connection: Connection | undefined = undefined
  private position: string | undefined = undefined
  private lastNumber = -1
  private history = ''

  /** Begins, or continues where it was. */
  async connect(server: ServerProcess): Promise<void> {
    const since = this.position === undefined ? '' : ` since=${this.position}`
    if (this.position === undefined) this.items.clear()
    this.connection = await server.connect()
    this.connection.send(line(`watch changes initial values${since}`))
    await this.connection.receive(4)
  }

  disconnect(): void {
    this.connection?.close()
  }

  pause(): void {
    this.connection!.pause()
  }

  /** Reads until the server says that this key has this value. */
  async readUntil(key: string, value: string): Promise<void> {
    this.connection!.resume()
    while (this.position === undefined || this.items.get(key)?.split(' ')[1] !== value) {
      const text = `${await this.connection!.receiveUntil(Buffer.from('\n'))}`
      for (const each of text.trimEnd().split('\n')) this.apply(each)
    }
  }

  private apply(text: string): void {
    const fields = Object.fromEntries(
      text.split(' ').map((field) => field.split(/=(.*)/s) as [string, string]),
    )
    const { kind, position, key, cas, value } = fields
    this.counts.set(kind!, (this.counts.get(kind!) ?? 0) + 1)
    this.position = position
    if (kind === 'gap' || this.isOfOtherHistory(position)) this.lastNumber = -1
    if (position !== undefined) this.expectLater(kind!, Number(position.split('.')[1]))
    if (kind === 'item' || kind === 'set')
      this.items.set(key!, `${cas} ${Buffer.from(value ?? '', 'base64').toString('latin1')}`)
    else if (kind === 'delete' || kind === 'expire' || kind === 'evict') this.items.delete(key!)
    else if (kind === 'flush_prefix') {
      for (const copied of this.items.keys())
        if (copied.startsWith(decodeURIComponent(fields['prefix']!))) this.items.delete(copied)
    } else if (kind === 'flush' || kind === 'gap') this.items.clear()
  }

  private isOfOtherHistory(position: string | undefined): boolean {
    const history = position?.split('.')[0] ?? this.history
    const isOther = history !== this.history
    this.history = history
    return isOther
  }

  private expectLater(kind: string, number: number): void {
    const isLater = kind === 'position' ? number >= this.lastNumber : number > this.lastNumber
    expect(isLater, `${kind} ${number} after ${this.lastNumber}`).equal(true)
    this.lastNumber = number
  }
}

/** Requests without replies that change all kinds of things. */
function randomChanges(random: Random, count: number): Buffer {
  const requests = Array.from({ length: count }, () => {
    const key = `key:${random.below(KEY_COUNT)}`
    const value = 'v'.repeat(random.below(100))
    const kind = random.below(100)
    if (kind < 50) return `set ${key} 0 0 ${value.length} noreply\r\n${value}`
    if (kind < 60) return `delete ${key} noreply`
    if (kind < 70) return `append ${key} 0 0 1 noreply\r\n+`
    if (kind < 80) return `incr count:${random.below(9)} 1 noreply`
    if (kind < 90) return `touch ${key} 0 noreply`
    if (kind < 99) return `ms count:${random.below(9)} 1 q\r\n1`
    return random.chance(0.05) ? 'flush_all noreply' : `md ${key} q I`
  })
  return line(requests.join('\r\n'))
}

/** What the server has, by `mg`. */
async function contentsOf(server: ServerProcess): Promise<Map<string, string>> {
  const connection = await server.connect()
  const keys = [
    ...Array.from({ length: KEY_COUNT }, (_, index) => `key:${index}`),
    ...Array.from({ length: 9 }, (_, index) => `count:${index}`),
    'fence',
  ]
  connection.send(line(`${keys.map((key) => `mg ${key} k c v q`).join('\r\n')}\r\nmn`))
  const text = `${await connection.receiveUntil(line('MN'))}`
  connection.close()
  const found = [...text.matchAll(/VA \d+ k(\S+) c(\d+)[^\r]*\r\n([^\r]*)\r\n/g)]
  return new Map(found.map(([, key, cas, value]) => [key!.replace(':', '%3A'), `${cas} ${value}`]))
}

async function setFence(server: ServerProcess, value: string): Promise<void> {
  const connection = await server.connect()
  await ask(connection, `set fence 0 0 ${value.length}\r\n${value}`, 'STORED')
  connection.close()
}

describe('A copy of a server, made of the lines of watch changes', () => {
  for (const [what, threads, options] of [
    ['with one thread', 1, []],
    ['with two threads', 2, []],
    ['that is killed and keeps its items', 2, ['--data']],
    ['that is killed and syncs each change', 1, ['--fsync', 'always', '--data']],
  ] as const)
    it(`${what} is equal to it after ${ROUND_COUNT} rounds`, async function () {
      this.timeout(120_000)
      this.slow(60_000)
      const random = new Random()
      const directory = mkdtempSync(join(tmpdir(), 'keepcached-feed-'))
      const isKilled = options.length > 0
      const data = isKilled ? [...options, directory] : []
      const given = withThreads(threads, ['-m', '32', '--changes', '64k', ...data])
      let server = await startServer(given)
      const replica = new LineReplica()
      try {
        await replica.connect(server)
        for (let round = 0; round < ROUND_COUNT; round++) {
          const clients = await Promise.all(Array.from({ length: CLIENT_COUNT }, () => server.connect()))
          // Some rounds are longer than the history, for a copy that does not read.
          const isLong = round === 0 || random.chance(0.3)
          if (round === 0) replica.disconnect()
          else if (isLong) replica.pause()
          const change = async (client: Connection): Promise<void> => {
            await client.sendAll(randomChanges(random, isLong ? LONG_COUNT : SHORT_COUNT))
            await ask(client, 'mn', 'MN')
          }
          const isInterrupted = isKilled && round > 0 && random.chance(0.4)
          const changing = clients.map((client) =>
            change(client).catch((error) => isInterrupted || Promise.reject(error)),
          )
          if (isInterrupted) {
            await sleep(random.below(50))
            await server.stop('SIGKILL')
            replica.disconnect()
            for (const client of clients) client.close()
            await Promise.all(changing)
            server = await startServer(given)
            await replica.connect(server)
          } else {
            await Promise.all(changing)
            // The first one has missed more than the history has.
            if (round === 0 || random.chance(0.3)) {
              replica.disconnect()
              await replica.connect(server)
            }
          }
          const fence = `${random.below(1_000_000_000)}`
          await setFence(server, fence)
          for (const client of clients) client.close()
          await replica.readUntil('fence', fence)
          const seed = `seed ${random.seed}, round ${round}`
          const contents = await contentsOf(server)
          const differing = [...contents.keys(), ...replica.items.keys()].filter(
            (key) => contents.get(key) !== replica.items.get(key),
          )
          expect(differing, seed).deep.equal([])
        }
        // The copy has read all before: this is no item of a list.
        await setFence(server, 'last')
        await replica.readUntil('fence', 'last')
        expect(replica.counts.get('item')).above(0)
        expect(replica.counts.get('set')).above(0)
      } finally {
        replica.disconnect()
        await server.stop()
        rmSync(directory, { recursive: true, force: true })
      }
    })
})
