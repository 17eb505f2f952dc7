import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { commandLineMessageOf } from '../../lib/options/start-error.js'
import type { ServerOptions } from '../../lib/options/table/options.js'
import { exchange, statistic } from '../support/binary-client.js'
import type { Certificate } from '../support/certificates.js'
import { Connection } from '../support/connection.js'
import { eventually } from '../support/eventually.js'
import { itemExtras, Op, request, statusOf, valueIn } from '../support/frames.js'
import { needs, OPENSSL } from '../support/peers.js'
import { runServer } from '../support/server.js'
import { shown, TlsSuite } from '../support/tls-suite.js'

const set = (key: string, value: Buffer | string) => request(Op.SET, { key, value, extras: itemExtras() })
const get = (key: string) => request(Op.GET, { key })
const NOOP = request(Op.NOOP)

describe('The certificates of TLS', function () {
  this.slow(500)
  needs(OPENSSL)
  const tls = new TlsSuite()
  let other: Certificate
  let authority: Certificate
  let client: Certificate
  let stranger: Certificate
  before(() => {
    authority = tls.certificate('authority')
    other = tls.certificate('other')
    client = tls.certificate('client', authority)
    stranger = tls.certificate('stranger')
  })

  /** The name in the certificate that the server shows to a new client. */
  async function nameShown(port: number): Promise<string> {
    const { connection, socket } = await tls.open(port)
    const { CN } = socket.getPeerCertificate().subject
    connection.close()
    return `${CN}`
  }

  for (const workers of [1, 2])
    describe(`with ${workers} of -t`, () => {
      it('are new for clients that connect after a reload', async () => {
        const [cert, key] = [join(tls.path, `live-${workers}`), join(tls.path, `live-key-${workers}`)]
        copyFileSync(tls.server.cert, cert)
        copyFileSync(tls.server.key, key)
        await using running = await tls.start({ workers, sslChainCert: cert, sslKey: key })
        const { connection, socket } = await tls.open(running.port)
        copyFileSync(other.cert, cert)
        copyFileSync(other.key, key)
        expect(await nameShown(running.port)).to.equal('server')
        running.reload()
        for (let n = 0; n < 4; n++) expect(await nameShown(running.port)).to.equal('other')
        expect(statusOf(await exchange(connection, NOOP))).to.equal(0)
        expect(socket.getPeerCertificate().subject.CN).to.equal('server')
        connection.close()
      })

      it('are used as each listener says', async () => {
        const addresses = (['notls', 'btls', 'mtls'] as const).map((tls) => ({ host: '127.0.0.1', tls }))
        await using running = await tls.start({ workers, listen: addresses, sslCaCert: authority.cert })
        const [plain, encrypted, mutual] = running.addresses.map(({ port }) => port)
        const connection = await Connection.open({ host: '127.0.0.1', port: plain! })
        await exchange(connection, set('key', 'value'))
        connection.close()
        const { connection: other } = await tls.open(encrypted!)
        expect(`${valueIn(await exchange(other, get('key')))}`).to.equal('value')
        other.close()
        expect(await tls.isServed(mutual!)).to.equal(false)
        expect(await tls.isServed(mutual!, shown(stranger))).to.equal(false)
        expect(await tls.isServed(mutual!, shown(client))).to.equal(true)
      })
    })

  it('are asked of clients as ssl_verify_mode says', async () => {
    const served = async (options: Partial<ServerOptions>) => {
      await using running = await tls.start(options)
      const { port } = running
      return [
        await tls.isServed(port),
        await tls.isServed(port, shown(stranger)),
        await tls.isServed(port, shown(client)),
      ]
    }
    const sslCaCert = authority.cert
    expect(await served({ sslVerifyMode: 'none', sslCaCert })).to.deep.equal([true, true, true])
    expect(await served({ sslVerifyMode: 'request', sslCaCert })).to.deep.equal([true, false, true])
    expect(await served({ sslVerifyMode: 'once', sslCaCert })).to.deep.equal([true, false, true])
    expect(await served({ sslVerifyMode: 'require', sslCaCert })).to.deep.equal([false, false, true])
    // Without ssl_ca_cert no client's certificate can be verified.
    expect(await served({ sslVerifyMode: 'request' })).to.deep.equal([true, false, false])
    expect(await served({ sslVerifyMode: 'require' })).to.deep.equal([false, false, false])
  })

  it('may have a key in the file of the certificate, or in DER', async () => {
    const both = join(tls.path, 'both.pem')
    writeFileSync(both, Buffer.concat([readFileSync(tls.server.cert), readFileSync(tls.server.key)]))
    await using together = await tls.start({ sslChainCert: both, sslKey: null, sslCaCert: both })
    expect(await tls.isServed(together.port)).to.equal(true)
    const der = join(tls.path, 'key.der')
    const lines = readFileSync(tls.server.key, 'latin1').split('\n')
    writeFileSync(der, Buffer.from(lines.filter((line) => !line.startsWith('-')).join(''), 'base64'))
    await using binary = await tls.start({ sslKey: der, sslKeyFormat: 'DER' })
    expect(await tls.isServed(binary.port)).to.equal(true)
  })

  it('are kept when the new ones cannot be read, and it is logged', async () => {
    const cert = join(tls.path, 'spoilt.pem')
    copyFileSync(tls.server.cert, cert)
    await using running = await tls.start({ sslChainCert: cert })
    writeFileSync(cert, 'nothing of the kind')
    const { write } = process.stderr
    let said = ''
    process.stderr.write = (chunk: string | Uint8Array) => {
      said += chunk
      return true
    }
    running.reload()
    process.stderr.write = write
    expect(said).to.match(
      /^keepcached: -o ssl_chain_cert: \S+spoilt.pem holds no certificate in PEM; .* stay in force\n$/,
    )
    expect(await nameShown(running.port)).to.equal('server')
  })

  /** As a program knows the options. */
  const asInProgram = (sentence: string): string =>
    sentence.replace(/-o (ssl_\w+)/g, (_, name: string) =>
      name.replace(/_(\w)/g, (__, c: string) => c.toUpperCase()),
    )

  it('keep the server from starting if a file is wrong, with its name', async () => {
    const nonsense = join(tls.path, 'nonsense')
    writeFileSync(nonsense, 'nothing of the kind')
    const encrypted = join(tls.path, 'encrypted-key.pem')
    writeFileSync(encrypted, readFileSync(tls.server.key, 'utf8').replaceAll('PRIVATE', 'ENCRYPTED PRIVATE'))
    const wrong: readonly (readonly [Partial<ServerOptions>, string])[] = [
      [{ sslChainCert: nonsense }, `-o ssl_chain_cert: ${nonsense} holds no certificate in PEM`],
      [
        { sslKey: null },
        `-o ssl_chain_cert: ${tls.server.cert} holds no private key in PEM; -o ssl_key names another file`,
      ],
      [{ sslKey: nonsense }, `-o ssl_key: ${nonsense} holds no private key in PEM`],
      [{ sslKey: nonsense, sslKeyFormat: 'DER' }, `-o ssl_key: ${nonsense} holds no private key in DER`],
      [{ sslKey: `${nonsense}-2` }, `-o ssl_key: ${nonsense}-2 cannot be read: no such file or directory`],
      [
        { sslKey: other.key },
        `-o ssl_key: the key in ${other.key} is not that of the certificate in ${tls.server.cert}`,
      ],
      [
        { sslKey: encrypted },
        `-o ssl_key: the key in ${encrypted} is encrypted, and its passphrase is unknown`,
      ],
      [{ sslCaCert: nonsense }, `-o ssl_ca_cert: ${nonsense} holds no certificate in PEM`],
      [{ sslCiphers: 'NONE' }, '-o ssl_ciphers: NONE is not a list of ciphers'],
    ]
    for (const [options, sentence] of wrong) {
      const error = await tls.start(options).catch((reason: unknown) => reason)
      expect(commandLineMessageOf(error)).to.equal(sentence)
      expect((error as Error).message).to.equal(asInProgram(sentence))
    }
  })

  it('have their age in statistics', async () => {
    await using running = await tls.start()
    const { connection } = await tls.open(running.port)
    const age = () => statistic(connection, 'time_since_server_cert_refresh')
    expect(await eventually(1, age)).to.equal(1)
    running.reload()
    expect(await age()).to.equal(0)
    connection.close()
  })

  it("keep the server from starting if they are missing, with the file's name", async () => {
    const missing = join(tls.path, 'missing')
    const options = ['-Z', '-p', '-1', '-o', `ssl_chain_cert=${missing}`]
    const { code, stderr } = await runServer(options)
    expect(code).to.be.greaterThan(0)
    expect(stderr).to.equal(
      `keepcached: -o ssl_chain_cert: ${missing} cannot be read: no such file or directory\n`,
    )
    expect((await runServer(['-Z'])).stderr).to.equal(
      'keepcached: -Z: TLS needs a certificate; give -o ssl_chain_cert\n',
    )
  })
})
