import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { exchange, statistics } from '../../support/binary-client.js'
import { BINARY_WIRE } from '../../support/binary-driver.js'
import { answer, ask, END, invalid, useBinaryTranscripts } from '../../support/binary-transcript.js'
import { itemExtras, Op, reply, request, statusOf, valueIn } from '../../support/frames.js'
import { runServer, useServer } from '../../support/server.js'
import { ANY_CAS, type Wire } from '../../support/transcript.js'

const folder = mkdtempSync(join(tmpdir(), 'keepcached-sasl-'))
const accounts = join(folder, 'accounts')
writeFileSync(join(folder, 'memcached.conf'), 'mech_list: plain cram-md5\n')
const ACCOUNTS = [
  'user@realm:secret',
  // A password may end at any later colon.
  'testuser:testtest:::::::',
  'spaces:a password with spaces',
  'last:without an end of line',
]
writeFileSync(accounts, ACCOUNTS.join('\n'))
after(() => rmSync(folder, { recursive: true }))

const WITH_SASL = {
  options: ['-S'],
  environment: { MEMCACHED_SASL_PWDB: accounts, SASL_CONF_PATH: folder },
}

const refusal = (opcode: number) => answer(opcode, { status: 0x20, value: 'Auth failure.' })
const plain = (user: string, password: string, actAs = '') => `${actAs}\0${user}\0${password}`
const auth = (message: string, mechanism = 'PLAIN') => ask(Op.SASL_AUTH, { key: mechanism, value: message })
const welcome = answer(Op.SASL_AUTH, { value: 'Authenticated' })
const noop = [ask(Op.NOOP), answer(Op.NOOP)] as const

/** What a transcript needs between its lines, in requests that need no login. */
const LOGGED_OUT: Wire = {
  ...BINARY_WIRE,
  fence: request(Op.SASL_AUTH, { key: 'P'.repeat(33), opaque: 0xfe0cefe0 }),
  fenceReply: reply(Op.SASL_AUTH, { status: 0x04, value: 'Invalid arguments', opaque: 0xfe0cefe0 }),
  clear: Buffer.alloc(0),
}

const QUIT = [ask(Op.QUIT), answer(Op.QUIT), END] as const
const GET_OUT = [ask(Op.NOOP), refusal(Op.NOOP), END] as const

describe('A connection that has not logged in', () => {
  const transcript = useBinaryTranscripts(WITH_SASL, LOGGED_OUT)

  for (const [name, opcode] of Object.entries(Op)) {
    if (['VERSION', 'SASL_LIST', 'SASL_AUTH', 'SASL_STEP'].includes(name)) continue
    transcript(`is refused ${name} and closed`, [[ask(opcode), refusal(opcode), END]])
  }

  transcript('is refused an unknown opcode and closed', [[ask(0x77), refusal(0x77), END]])

  transcript('is refused a store with its value and closed', [
    [ask(Op.SET, { key: 'k', value: 'v', extras: itemExtras() }), refusal(Op.SET), END],
  ])

  transcript('is refused a login whose mechanism has too long a name, and stays open', [
    [auth('message', 'P'.repeat(33)), invalid(Op.SASL_AUTH)],
    GET_OUT,
  ])

  transcript('is refused a login by an unknown mechanism, and stays open', [
    [auth('message', 'NOPE'), refusal(Op.SASL_AUTH)],
    GET_OUT,
  ])

  transcript('is refused a step of a login that it has not begun, and stays open', [
    [ask(Op.SASL_STEP, { key: 'PLAIN', value: plain('user@realm', 'secret') }), refusal(Op.SASL_STEP)],
    GET_OUT,
  ])

  transcript('is closed when it names no mechanism', [
    [ask(Op.SASL_AUTH, { value: 'message' }), invalid(Op.SASL_AUTH), END],
  ])
})

describe('A login', () => {
  const transcript = useBinaryTranscripts(WITH_SASL, LOGGED_OUT)

  transcript('by PLAIN with the right password is accepted', [
    [auth(plain('user@realm', 'secret')), welcome],
    noop,
    [ask(Op.SET, { key: 'k', value: 'v', extras: itemExtras() }), answer(Op.SET, { casName: ANY_CAS })],
    QUIT,
  ])

  transcript('may name the mechanism in any case', [
    [auth(plain('user@realm', 'secret'), 'plain'), welcome],
    QUIT,
  ])

  transcript('may repeat the user as the authorization name', [
    [auth(plain('user@realm', 'secret', 'user@realm')), welcome],
    QUIT,
  ])

  transcript('with another authorization name is refused', [
    [auth(plain('user@realm', 'secret', 'testuser')), refusal(Op.SASL_AUTH)],
    GET_OUT,
  ])

  for (const [user, password] of [
    ['testuser', 'testtest'],
    ['testuser', 'testtest:::::::'],
    ['spaces', 'a password with spaces'],
    ['last', 'without an end of line'],
  ] as const)
    transcript(`finds ${user} in the file of accounts`, [[auth(plain(user, password)), welcome], QUIT])

  for (const [what, message] of [
    ['a wrong password', plain('user@realm', 'wrong')],
    ['a password with a right beginning', plain('user@realm', 'secre')],
    ['a password that is too long', plain('user@realm', 'secret!')],
    ['no password', plain('user@realm', '')],
    ['an unknown user', plain('nobody', 'secret')],
    ['only a part of the user’s name', plain('user', 'secret')],
    ['no message at all', 'x'],
    ['one NUL too few', 'user@realm\0secret'],
  ] as const)
    transcript(`with ${what} is refused, and may be repeated`, [
      [auth(message), refusal(Op.SASL_AUTH)],
      [auth(plain('user@realm', 'secret')), welcome],
      QUIT,
    ])

  transcript('that fails after one that succeeded logs out the connection', [
    [auth(plain('user@realm', 'secret')), welcome],
    noop,
    [auth(plain('user@realm', 'wrong')), refusal(Op.SASL_AUTH)],
    GET_OUT,
  ])
})

describe('SASL', () => {
  const server = useServer(WITH_SASL)

  it('lists its mechanisms, as the configuration file names them, to every client', async () => {
    const connection = await server().connect()
    const list = await exchange(connection, request(Op.SASL_LIST))
    expect(valueIn(list).toString().split(' ')).to.have.members(['PLAIN', 'CRAM-MD5'])
    expect(statusOf(await exchange(connection, request(Op.VERSION)))).to.equal(0)
    connection.close()
  })

  it('by CRAM-MD5 asks for a proof that the client knows the password', async () => {
    const connection = await server().connect()
    const challenge = await exchange(connection, request(Op.SASL_AUTH, { key: 'CRAM-MD5' }))
    expect(statusOf(challenge)).to.equal(0x21)
    const proof = createHmac('md5', 'secret').update(valueIn(challenge)).digest('hex')
    const step = request(Op.SASL_STEP, { key: 'CRAM-MD5', value: `user@realm ${proof}` })
    expect(statusOf(await exchange(connection, step))).to.equal(0)
    expect(statusOf(await exchange(connection, request(Op.NOOP)))).to.equal(0)
    connection.close()
  })

  it('by CRAM-MD5 refuses a proof made with another password', async () => {
    const connection = await server().connect()
    const challenge = await exchange(connection, request(Op.SASL_AUTH, { key: 'CRAM-MD5' }))
    const proof = createHmac('md5', 'wrong').update(valueIn(challenge)).digest('hex')
    const step = request(Op.SASL_STEP, { key: 'CRAM-MD5', value: `user@realm ${proof}` })
    expect(statusOf(await exchange(connection, step))).to.equal(0x20)
    connection.close()
  })

  it('closes a refused connection in both directions', async () => {
    const connection = await server().connect()
    connection.send(request(Op.GET, { key: 'k' }))
    expect((await connection.receiveRest()).ending).to.equal('end of stream')
    expect(await connection.isRefusingBytes()).to.equal(true)
  })

  it('does not accept text', async () => {
    const connection = await server().connect()
    connection.send(Buffer.from('version\r\nversion\r\nversion\r\n'))
    expect((await connection.receiveRest()).bytes.toString()).to.not.match(/VERSION/)
    connection.close()
  })

  it('logs in one connection, not the others', async () => {
    const [inside, outside] = await Promise.all([server().connect(), server().connect()])
    await exchange(inside, request(Op.SASL_AUTH, { key: 'PLAIN', value: plain('user@realm', 'secret') }))
    expect(statusOf(await exchange(inside, request(Op.NOOP)))).to.equal(0)
    expect(statusOf(await exchange(outside, request(Op.NOOP)))).to.equal(0x20)
    inside.close()
    outside.close()
  })
})

describe('The file of accounts', () => {
  const late = join(folder, 'late')
  const server = useServer({ ...WITH_SASL, environment: { MEMCACHED_SASL_PWDB: late } })
  const login = request(Op.SASL_AUTH, { key: 'PLAIN', value: plain('new@realm', 'secret') })

  it('is read at every login, and need not exist before', async () => {
    const connection = await server().connect()
    expect(statusOf(await exchange(connection, login))).to.equal(0x20)
    writeFileSync(late, 'new@realm:secret\n')
    expect(statusOf(await exchange(connection, login))).to.equal(0)
    writeFileSync(late, 'new@realm:changed\n')
    expect(statusOf(await exchange(connection, login))).to.equal(0x20)
    connection.close()
  })

  it('is counted: auth_cmds are the attempts, auth_errors the failures', async () => {
    writeFileSync(late, 'new@realm:secret\n')
    const connection = await server().connect()
    await exchange(connection, request(Op.SASL_AUTH, { key: 'P'.repeat(33), value: 'x' }))
    await exchange(connection, request(Op.SASL_STEP, { key: 'PLAIN', value: 'x' }))
    await exchange(connection, login)
    const counted = await statistics(connection)
    // Three tries of the spec before, then a step and a login; the long name does not count.
    expect([counted.get('auth_cmds'), counted.get('auth_errors')]).to.deep.equal(['5', '3'])
    connection.close()
  })
})

describe('With SASL a server refuses to start', () => {
  for (const protocol of [['auto'], ['ascii'], ['binary', 'ascii']])
    it(`with -B ${protocol.join(' -B ')}`, async () => {
      const { code, stderr } = await runServer(['-S', ...protocol.flatMap((name) => ['-B', name])])
      expect(code).to.not.equal(0)
      expect(stderr).to.not.equal('')
    })
})
