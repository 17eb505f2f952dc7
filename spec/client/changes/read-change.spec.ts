import { expect } from 'chai'
import { readToken, writeToken } from '../../../lib/client/changes/position-token.js'
import { readChange } from '../../../lib/client/changes/read-change.js'
import { ClientError } from '../../../lib/client/client-error.js'
import { changeOf } from '../../../lib/feed/change.js'
import { changeLine } from '../../../lib/watch/change-line.js'

const POSITION = '0123456789abcdef.17'

describe('A line of a change', () => {
  it('is read as the server has written it', () => {
    const change = changeOf('set', {
      position: POSITION,
      keyBytes: Buffer.from('k=% \n\xff', 'latin1'),
      cas: 2n ** 64n - 1n,
      size: 3,
      ttl: -1,
      flags: 0xffff_ffff,
      value: Buffer.from('\xff==', 'latin1'),
    })
    const { keyBytes, prefixBytes, ...fields } = change
    expect(readChange(changeLine(change).trimEnd())).deep.equal({
      ...fields,
      key: keyBytes,
      prefix: prefixBytes,
    })
  })

  it('has only the fields that its kind has', () => {
    expect(readChange(`kind=gap after=${POSITION}`)).deep.equal({
      kind: 'gap',
      after: POSITION,
      position: undefined,
      key: undefined,
      prefix: undefined,
      cas: undefined,
      size: undefined,
      ttl: undefined,
      flags: 0,
      value: undefined,
    })
    expect(readChange('kind=set key=k size=0 value=')!.value).deep.equal(Buffer.alloc(0))
  })

  it('has the prefix of those that were flushed', () => {
    const prefixBytes = Buffer.from('a%\xff', 'latin1')
    const line = changeLine(changeOf('flush_prefix', { position: POSITION, prefixBytes }))
    expect(line).equal(`kind=flush_prefix position=${POSITION} prefix=a%25%FF\n`)
    expect(readChange(line.trimEnd())).deep.include({
      kind: 'flush_prefix',
      key: undefined,
      prefix: prefixBytes,
    })
  })

  it('is ignored if its kind is not known, and so are other fields', () => {
    expect(readChange(`kind=flush_server position=${POSITION} prefix=a`)).equal(undefined)
    expect(readChange('kind=flush colour=blue')!.kind).equal('flush')
  })

  for (const line of ['', 'OK', 'kind', 'position=1.2', 'kind=set size=x', 'kind=set cas=x', 'kind=set ttl='])
    it(`is none: ${JSON.stringify(line)}`, () => {
      expect(() => readChange(line)).throw(SyntaxError)
    })
})

describe('A position', () => {
  const other = 'fedcba9876543210.4'

  it('of one server is its own', () => {
    expect(writeToken([['a:1', POSITION]])).equal(POSITION)
    const positionOf = readToken(POSITION)
    expect([positionOf('a:1'), positionOf('b:1')]).deep.equal([POSITION, POSITION])
  })

  it('of several has each of theirs, whatever their names', () => {
    const positionOf = readToken(
      writeToken([
        ['[::1]:11211', POSITION],
        ['/tmp/a,b=c %', other],
      ]),
    )
    expect(positionOf('[::1]:11211')).equal(POSITION)
    expect(positionOf('/tmp/a,b=c %')).equal(other)
    expect(positionOf('new:1')).equal(undefined)
  })

  for (const token of ['', 'x', `${POSITION},`, 'a=1', `=${POSITION}`, `%=${POSITION}`, 7])
    it(`is not ${JSON.stringify(token)}`, () => {
      expect(() => readToken(token as string))
        .throw(ClientError, /^since: .* is no position$/)
        .with.property('code', 'BAD_OPTION')
    })
})
