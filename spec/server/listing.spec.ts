import { expect } from 'chai'
import { useServer } from '../support/server.js'

describe('With -X a server', () => {
  const server = useServer({ options: ['-X'] })

  for (const [request, refusal] of [
    ['stats cachedump 1 1', 'CLIENT_ERROR stats cachedump not allowed'],
    ['lru_crawler metadump all', 'ERROR metadump not allowed'],
    ['lru_crawler mgdump all', 'ERROR key dump not allowed'],
    // Whatever is wrong with the rest of the line.
    ['stats cachedump', 'CLIENT_ERROR stats cachedump not allowed'],
    ['stats cachedump x 1', 'CLIENT_ERROR stats cachedump not allowed'],
    ['stats cachedump 200 0', 'CLIENT_ERROR stats cachedump not allowed'],
    ['stats cachedump 2 0', 'CLIENT_ERROR stats cachedump not allowed'],
    ['lru_crawler metadump 99', 'ERROR metadump not allowed'],
    ['lru_crawler mgdump x', 'ERROR key dump not allowed'],
    ['lru_crawler metadump', 'ERROR'],
    ['lru_crawler mgdump all x', 'ERROR'],
  ] as const)
    it(`lists no keys: ${request}`, async () => {
      const connection = await server().connect()
      connection.send(Buffer.from(`set key 0 0 1\r\nx\r\n${request}\r\nget key\r\n`))
      const expected = `STORED\r\n${refusal}\r\nVALUE key 0 1\r\nx\r\nEND\r\n`
      expect(`${await connection.receive(expected.length)}`).equal(expected)
      connection.close()
    })
})
