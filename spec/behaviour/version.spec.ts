import { expect } from 'chai'
import { exchange } from '../support/binary-client.js'
import { Op, reply, request, valueIn } from '../support/frames.js'
import { useServer } from '../support/server.js'

describe('The version', () => {
  const server = useServer()

  it('is three numbers, those of a memcached whose features clients then use', async () => {
    const connection = await server().connect()
    const version = await exchange(connection, request(Op.VERSION))
    expect(valueIn(version).toString()).to.match(/^1\.6\.\d{2}$/)
    expect(version).to.deep.equal(reply(Op.VERSION, { value: valueIn(version) }))
    connection.close()
  })
})
