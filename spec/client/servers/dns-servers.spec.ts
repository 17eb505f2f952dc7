import { expect } from 'chai'
import { ClientError } from '../../../lib/client/client-error.js'
import { createServerSource } from '../../../lib/client/servers/create-server-source.js'
import type { DnsResolver } from '../../../lib/client/servers/dns-servers.js'
import type { ServerAddress } from '../../../lib/client/servers/server-address.js'
import { ManualTimers, settled } from './manual-timers.js'

/** Answers with what it holds; an error is thrown. */
class FakeResolver implements DnsResolver {
  four: string[] | Error = []
  six: string[] | Error = []
  targets: { name: string; port: number; weight: number; priority: number }[] | Error = []
  readonly asked: string[] = []

  resolve4(name: string): Promise<string[]> {
    return this.answer(`A ${name}`, this.four)
  }

  resolve6(name: string): Promise<string[]> {
    return this.answer(`AAAA ${name}`, this.six)
  }

  resolveSrv(name: string) {
    return this.answer(`SRV ${name}`, this.targets)
  }

  private async answer<Answer>(question: string, answer: Answer | Error): Promise<Answer> {
    this.asked.push(question)
    if (answer instanceof Error) throw answer
    return answer
  }
}

const dnsError = (code: string): Error => Object.assign(new Error(`queryA ${code} cache`), { code })

class Kit {
  readonly resolver = new FakeResolver()
  readonly timers = new ManualTimers()
  readonly lists: (readonly ServerAddress[])[] = []
  readonly errors: ClientError[] = []

  start(given: string): this {
    const source = createServerSource(given, { resolver: this.resolver, timers: this.timers })
    source.subscribe(
      (servers) => this.lists.push(servers),
      (error) => this.errors.push(error),
    )
    return this
  }

  get names(): string[] {
    return this.lists.at(-1)!.map(({ name }) => name)
  }
}

describe('Servers from DNS', () => {
  it('are all addresses of a name, IPv4 and IPv6', async () => {
    const kit = new Kit()
    kit.resolver.four = ['10.0.0.2', '10.0.0.1']
    kit.resolver.six = ['fd00::1']
    kit.start('dns:cache.example:22122')
    await settled()
    expect(kit.resolver.asked).deep.equal(['A cache.example', 'AAAA cache.example'])
    expect(kit.names).deep.equal(['10.0.0.1:22122', '10.0.0.2:22122', '[fd00::1]:22122'])
    expect(kit.lists[0]!.map(({ serverName }) => serverName)).deep.equal(Array(3).fill('cache.example'))
  })

  it('have the default port if none is given', async () => {
    const kit = new Kit()
    kit.resolver.four = ['10.0.0.1']
    kit.start('dns:cache.example')
    await settled()
    expect(kit.names).deep.equal(['10.0.0.1:11211'])
  })

  it('do not change if the resolver only orders them differently', async () => {
    const kit = new Kit()
    kit.resolver.four = ['10.0.0.2', '10.0.0.1']
    kit.start('dns:cache.example:22122')
    await settled()
    kit.resolver.four = ['10.0.0.1', '10.0.0.2']
    await kit.timers.pass()
    expect(kit.lists.length).equal(1)
    kit.resolver.four = ['10.0.0.1', '10.0.0.3']
    await kit.timers.pass()
    expect(kit.names).deep.equal(['10.0.0.1:22122', '10.0.0.3:22122'])
  })

  for (const code of ['ENODATA', 'ENOTFOUND'])
    it(`may be of one family: ${code} for the other is an answer`, async () => {
      const kit = new Kit()
      kit.resolver.four = dnsError(code)
      kit.resolver.six = ['fd00::1']
      kit.start('dns:cache')
      await settled()
      expect(kit.names).deep.equal(['[fd00::1]:11211'])
    })

  it('stay when DNS fails, has half an answer, or has none', async () => {
    const kit = new Kit()
    kit.resolver.four = ['10.0.0.1']
    kit.resolver.six = ['fd00::1']
    kit.start('dns:cache')
    await settled()
    kit.resolver.six = dnsError('ETIMEOUT')
    await kit.timers.pass()
    kit.resolver.four = dnsError('ESERVFAIL')
    await kit.timers.pass()
    kit.resolver.four = []
    kit.resolver.six = []
    await kit.timers.pass()
    expect(kit.lists.length).equal(1)
    expect(kit.errors.map(({ code, message }) => `${code} ${message}`)).deep.equal([
      'UNREACHABLE dns:cache: queryA ETIMEOUT cache',
      'UNREACHABLE dns:cache: queryA ESERVFAIL cache',
      'UNREACHABLE dns:cache: no addresses',
    ])
    expect(kit.errors.every((error) => error instanceof ClientError)).equal(true)
  })

  it('are the targets of a service that have the best priority, with their weights', async () => {
    const kit = new Kit()
    kit.resolver.targets = [
      { name: 'b.example.', port: 2, weight: 5, priority: 1 },
      { name: 'a.example', port: 1, weight: 0, priority: 1 },
      { name: 'spare.example', port: 3, weight: 1, priority: 2 },
    ]
    kit.start('srv:_memcache._tcp.example')
    await settled()
    expect(kit.resolver.asked).deep.equal(['SRV _memcache._tcp.example'])
    expect(kit.lists[0]!.map(({ name, weight }) => [name, weight])).deep.equal([
      ['a.example:1', 1],
      ['b.example:2', 5],
    ])
  })

  it('are none if the service says that it is not there', async () => {
    const kit = new Kit()
    kit.resolver.targets = [{ name: '', port: 0, weight: 0, priority: 0 }]
    kit.start('srv:cache')
    await settled()
    expect(kit.lists).deep.equal([])
    expect(kit.errors.map(({ code }) => code)).deep.equal(['UNREACHABLE'])
  })
})
