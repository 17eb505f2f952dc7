/** A test server with TLS: faults happen to the replies before they are encrypted. */
import { expect } from 'chai'
import { CertificateFolder } from '../support/certificates.js'
import { Connection } from '../support/connection.js'
import { needs, OPENSSL } from '../support/peers.js'
import { Kit } from './kit.js'

describe('a test server with TLS', () => {
  needs(OPENSSL)
  const folder = new CertificateFolder()
  const kit = new Kit()
  afterEach(() => kit.end())

  it('lets faults happen to what it encrypts', async () => {
    const { cert, key } = folder.make('testing')
    const server = await kit.start({ sslEnabled: true, sslChainCert: cert, sslKey: key, items: { a: '1' } })
    server.faults.add({ on: 'get', times: 1, then: { delay: 20 } })
    server.faults.add({ on: 'get', times: 1, then: 'busy' })
    server.faults.add({ on: 'get', times: 1, then: { close: 5 } })
    const { connection } = await Connection.openTls({ host: server.host, port: server.port })
    connection.send(Buffer.from('get a\r\nget a\r\nget a\r\n'))
    const { bytes } = await connection.receiveRest()
    expect(`${bytes}`).to.equal('VALUE a 0 1\r\n1\r\nEND\r\nSERVER_ERROR busy\r\nVALUE')
    expect(server.requests.length).to.equal(3)
    connection.close()
  })
})
