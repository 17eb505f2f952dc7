import { createHmac } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Authenticator, SaslAnswer } from '../../lib/request/session.js'
import { Status } from '../../lib/request/status.js'
import { createAuthenticator } from '../../lib/server/auth/auth.js'
import { cramMd5 } from '../../lib/server/auth/cram-md5.js'
import { MESSAGE_LENGTH_MAX } from '../../lib/server/auth/exchange.js'

describe('logging in', () => {
  let folder: string
  let passwords: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keepcached-auth-'))
    passwords = join(folder, 'passwords')
  })

  afterEach(() => rmSync(folder, { recursive: true }))

  const withUsers = (content: string | Uint8Array): Authenticator => {
    writeFileSync(passwords, content)
    return createAuthenticator({ MEMCACHED_SASL_PWDB: passwords })
  }

  const withList = (content: string): Authenticator => {
    writeFileSync(join(folder, 'memcached.conf'), content)
    return createAuthenticator({ SASL_CONF_PATH: folder, MEMCACHED_SASL_PWDB: passwords })
  }

  describe('which mechanisms are offered', () => {
    it('are PLAIN alone by default', () => {
      expect(createAuthenticator({}).mechanisms).to.equal('PLAIN')
      expect(createAuthenticator({ SASL_CONF_PATH: '' }).mechanisms).to.equal('PLAIN')
      expect(createAuthenticator({ SASL_CONF_PATH: join(folder, 'missing') }).mechanisms).to.equal('PLAIN')
      expect(withList('').mechanisms).to.equal('PLAIN')
      expect(withList('mech_list:  \n').mechanisms).to.equal('PLAIN')
      expect(withList('log_level: 5\n# mech_list: cram-md5\n').mechanisms).to.equal('PLAIN')
    })

    it('are those of mech_list, in its order and each once', () => {
      expect(withList('mech_list: plain cram-md5\n').mechanisms).to.equal('PLAIN CRAM-MD5')
      expect(withList('log_level: 5\r\nmech_list: CRAM-MD5 plain\r\n').mechanisms).to.equal('CRAM-MD5 PLAIN')
      expect(withList('mech_list:cram-md5').mechanisms).to.equal('CRAM-MD5')
      expect(withList('mech_list: plain\tPlain').mechanisms).to.equal('PLAIN')
    })

    it('leave out unknown names in mech_list, even when nothing is left', () => {
      expect(withList('mech_list: scram-sha-256 plain').mechanisms).to.equal('PLAIN')
      expect(withList('mech_list: scram-sha-256').mechanisms).to.equal('')
    })

    it('are compared without case, and others are refused', () => {
      writeFileSync(passwords, 'joe:secret')
      expect(withList('mech_list: plain').start('Plain', bytes('\0joe\0secret'))).to.satisfy(isAccepted)
      expect(withList('mech_list: plain').start('CRAM-MD5', bytes(''))).to.satisfy(isRefused)
      expect(withList('mech_list: cram-md5').start('PLAIN', bytes('\0joe\0secret'))).to.satisfy(isRefused)
      expect(withList('mech_list: plain').start('', bytes('\0joe\0secret'))).to.satisfy(isRefused)
    })
  })

  describe('the password file', () => {
    const login = (name: string, password: string): SaslAnswer =>
      createAuthenticator({ MEMCACHED_SASL_PWDB: passwords }).start('PLAIN', bytes(`\0${name}\0${password}`))

    it('has a user in every line, with or without a newline at the end', () => {
      writeFileSync(passwords, 'joe:secret\n\nannie:hidden\nmax:covert')
      expect(login('joe', 'secret')).to.satisfy(isAccepted)
      expect(login('annie', 'hidden')).to.satisfy(isAccepted)
      expect(login('max', 'covert')).to.satisfy(isAccepted)
      expect(login('joe', 'hidden')).to.satisfy(isRefused)
      expect(login('eve', 'secret')).to.satisfy(isRefused)
    })

    it('ends a password at the next colon or at the end of the line, as memcached does', () => {
      writeFileSync(passwords, 'testuser:testtest:::::::\njoe:secret\r\nmax:a\rb\ndave:pa:ss')
      for (const [name, password] of [
        ['testuser', 'testtest'],
        ['testuser', 'testtest::'],
        ['testuser', 'testtest:::::::'],
        ['joe', 'secret'],
        ['max', 'a'],
        ['max', 'a\rb'],
        ['dave', 'pa'],
        ['dave', 'pa:ss'],
      ] as const)
        expect(login(name, password), `${name} ${password}`).to.satisfy(isAccepted)
      for (const [name, password] of [
        ['testuser', 'testtest::::::::'],
        ['joe', 'secret\r\n'],
        ['dave', 'p'],
        ['dave', 'pa:'],
        ['dave', 'pa:s'],
        ['dave', 'pa:ss:'],
        ['dave', 'ss'],
        ['dave:pa', 'ss'],
      ] as const)
        expect(login(name, password), `${name} ${password}`).to.satisfy(isRefused)
    })

    it('is compared whole, both names and passwords', () => {
      writeFileSync(passwords, 'joe:secret:more\n')
      for (const [name, password] of [
        ['jo', 'secret'],
        ['joey', 'secret'],
        ['joe', 'secre'],
        ['joe', 'secrets'],
        ['joe', 'Secret'],
        ['joe:secret', 'more'],
        ['joe:secret:more', ''],
      ] as const)
        expect(login(name, password), `${name} ${password}`).to.satisfy(isRefused)
    })

    it('accepts no empty name and no empty password', () => {
      writeFileSync(passwords, `joe:\n:secret\nmax::\n@${hostname()}:secret\nannie\n`)
      expect(login('joe', '')).to.satisfy(isRefused)
      expect(login('', 'secret')).to.satisfy(isRefused)
      expect(login('max', '')).to.satisfy(isRefused)
      expect(login('annie', '')).to.satisfy(isRefused)
    })

    it('uses the first of several lines for a user', () => {
      writeFileSync(passwords, 'joe:first\njoe:second\nmax:\nmax:second\n')
      expect(login('joe', 'first')).to.satisfy(isAccepted)
      expect(login('joe', 'second')).to.satisfy(isRefused)
      expect(login('max', 'second')).to.satisfy(isRefused)
    })

    it('finds a user without a realm under the host name too', () => {
      writeFileSync(passwords, `joe@${hostname()}:secret\nannie@elsewhere:hidden\nmax:covert\n`)
      expect(login('joe', 'secret')).to.satisfy(isAccepted)
      expect(login(`joe@${hostname()}`, 'secret')).to.satisfy(isAccepted)
      expect(login('annie', 'hidden')).to.satisfy(isRefused)
      expect(login('annie@elsewhere', 'hidden')).to.satisfy(isAccepted)
      expect(login(`max@${hostname()}`, 'covert')).to.satisfy(isRefused)
    })

    it('is compared as bytes, not characters', () => {
      const invalidInUtf8 = Buffer.from([0xff, 0xfe])
      const authenticator = withUsers(
        Buffer.concat([bytes('joe:'), invalidInUtf8, bytes('\nmüller:größe\n')]),
      )
      const attempt = (message: Buffer): SaslAnswer => authenticator.start('PLAIN', message)
      expect(attempt(Buffer.concat([bytes('\0joe\0'), invalidInUtf8]))).to.satisfy(isAccepted)
      expect(attempt(Buffer.concat([bytes('\0joe\0'), Buffer.from([0xfe, 0xff])]))).to.satisfy(isRefused)
      expect(attempt(bytes('\0joe\0\ufffd\ufffd'))).to.satisfy(isRefused)
      expect(attempt(bytes('\0müller\0größe'))).to.satisfy(isAccepted)
    })

    it('is read at each attempt', () => {
      const authenticator = createAuthenticator({ MEMCACHED_SASL_PWDB: passwords })
      const attempt = (): SaslAnswer => authenticator.start('PLAIN', bytes('\0joe@realm\0secret'))
      expect(attempt()).to.satisfy(isRefused)
      writeFileSync(passwords, 'joe@realm:secret\n')
      expect(attempt()).to.satisfy(isAccepted)
      writeFileSync(passwords, 'joe@realm:changed\n')
      expect(attempt()).to.satisfy(isRefused)
    })

    it('has no users if it is not named, not a file, or longer than 1 MiB', () => {
      const joe = bytes('\0joe\0secret')
      expect(createAuthenticator({}).start('PLAIN', joe)).to.satisfy(isRefused)
      expect(createAuthenticator({ MEMCACHED_SASL_PWDB: '' }).start('PLAIN', joe)).to.satisfy(isRefused)
      expect(createAuthenticator({ MEMCACHED_SASL_PWDB: folder }).start('PLAIN', joe)).to.satisfy(isRefused)
      const mebibyte = 'joe:secret\n'.padEnd(1024 * 1024, '#')
      expect(withUsers(mebibyte).start('PLAIN', joe)).to.satisfy(isAccepted)
      expect(withUsers(`${mebibyte}#`).start('PLAIN', joe)).to.satisfy(isRefused)
    })
  })

  describe('with PLAIN', () => {
    const attempt = (message: string): SaslAnswer => withUsers('joe:secret\n').start('PLAIN', bytes(message))

    it('needs the user name, and accepts an authorization name only if it is the same', () => {
      expect(attempt('\0joe\0secret')).to.satisfy(isAccepted)
      expect(attempt('joe\0joe\0secret')).to.satisfy(isAccepted)
      expect(attempt('max\0joe\0secret')).to.satisfy(isRefused)
      expect(attempt('joe\0\0secret')).to.satisfy(isRefused)
    })

    it('refuses a message of another form', () => {
      for (const message of [
        'joe',
        'joe\0secret',
        '\0',
        '\0\0',
        '\0joe\0',
        '\0joe\0secret\0',
        '\0joe\0\0secret',
      ])
        expect(attempt(message), JSON.stringify(message)).to.satisfy(isRefused)
    })

    it('asks for the message if it did not come with the start, as memcached does', () => {
      const { challenge, exchange } = continued(attempt(''))
      expect(challenge).to.equal('')
      expect(exchange.step(bytes('\0joe\0secret'))).to.satisfy(isAccepted)
    })

    it('accepts names and passwords up to 255 bytes', () => {
      const name = 'n'.repeat(255)
      const message = (password: string): Buffer => bytes(`${name}\0${name}\0${password}`)
      const longest = 'p'.repeat(MESSAGE_LENGTH_MAX - message('').length)
      expect(withUsers(`${name}:${longest}`).start('PLAIN', message(longest))).to.satisfy(isAccepted)
      expect(withUsers(`${name}:${longest}p`).start('PLAIN', message(`${longest}p`))).to.satisfy(isRefused)
    })

    it('accepts messages in shared memory', () => {
      const message = bytes('\0joe\0secret')
      const shared = new Uint8Array(new SharedArrayBuffer(message.length))
      shared.set(message)
      expect(withUsers('joe:secret').start('PLAIN', shared)).to.satisfy(isAccepted)
      expect(withUsers('joe:secret').start('PLAIN', Buffer.from(shared.buffer))).to.satisfy(isAccepted)
    })
  })

  describe('with CRAM-MD5', () => {
    const begin = (users: string) => {
      writeFileSync(passwords, users)
      return continued(withList('mech_list: cram-md5').start('cram-md5', bytes('')))
    }
    const digest = (password: string, challenge: string): string =>
      createHmac('md5', password).update(challenge).digest('hex')

    it('sends a new challenge each time', () => {
      const { challenge } = begin('')
      expect(challenge).to.match(/^<[0-9a-f]{32}\.[0-9]+@.+>$/)
      expect(challenge).to.satisfy((text: string) => text.endsWith(`@${hostname()}>`))
      expect(begin('').challenge).not.to.equal(challenge)
    })

    it('accepts the digest of the challenge under the password', () => {
      for (const name of ['joe', 'joe@realm', 'joe the second']) {
        const { challenge, exchange } = begin(`${name}:secret\n`)
        expect(exchange.step(bytes(`${name} ${digest('secret', challenge)}`)), name).to.satisfy(isAccepted)
      }
    })

    it('accepts a password with a colon whole, and up to its first colon', () => {
      for (const [password, verdict] of [
        ['pa:ss', isAccepted],
        ['pa', isAccepted],
        ['pa:', isRefused],
        ['ss', isRefused],
      ] as const) {
        const { challenge, exchange } = begin('dave:pa:ss\r\n')
        expect(exchange.step(bytes(`dave ${digest(password, challenge)}`)), password).to.satisfy(verdict)
      }
    })

    it('agrees with the example of RFC 2195', () => {
      const challenge = '<1896.697170952@postoffice.reston.mci.net>'
      const message = bytes('tim b913a602c7eda7a495b4e6e7334d3890')
      const users = { entryOf: (name: Buffer) => bytes(`${name}` === 'tim' ? 'tanstaaftanstaaf' : '') }
      expect(cramMd5.isProof(message, challenge, users)).to.equal(true)
    })

    it('accepts answers in shared memory', () => {
      const { challenge, exchange } = begin('joe:secret\n')
      const message = bytes(`joe ${digest('secret', challenge)}`)
      const shared = new Uint8Array(new SharedArrayBuffer(message.length))
      shared.set(message)
      expect(exchange.step(shared)).to.satisfy(isAccepted)
    })

    it('refuses every other answer', () => {
      const answers: readonly ((challenge: string) => string)[] = [
        () => '',
        () => 'joe',
        () => 'joe ',
        () => ' ',
        () => 'joe secret',
        (challenge) => `joe ${digest('wrong', challenge)}`,
        (challenge) => `joe ${digest('', challenge)}`,
        (challenge) => `max ${digest('secret', challenge)}`,
        (challenge) => `max ${digest('', challenge)}`,
        (challenge) => `eve ${digest('', challenge)}`,
        (challenge) => `joe ${digest('secret', `${challenge} `)}`,
        (challenge) => `joe ${digest('secret', challenge)}0`,
        (challenge) => `joe ${digest('secret', challenge).slice(1)}`,
        (challenge) => `joe ${digest('secret', challenge)} `,
        (challenge) => digest('secret', challenge),
        (challenge) => `joe ${digest('secret', challenge)}`.padStart(MESSAGE_LENGTH_MAX + 1),
      ]
      for (const [index, answer] of answers.entries()) {
        const { challenge, exchange } = begin('joe:secret\nmax:\n')
        expect(exchange.step(bytes(answer(challenge))), `answer ${index}`).to.satisfy(isRefused)
      }
    })

    it('accepts one answer to a challenge, right or wrong', () => {
      const first = begin('joe:secret\n')
      const right = bytes(`joe ${digest('secret', first.challenge)}`)
      expect(first.exchange.step(bytes('joe guess'))).to.satisfy(isRefused)
      expect(first.exchange.step(right)).to.satisfy(isRefused)
      const second = begin('joe:secret\n')
      expect(second.exchange.step(right)).to.satisfy(isRefused)
      const third = begin('joe:secret\n')
      const answer = bytes(`joe ${digest('secret', third.challenge)}`)
      expect(third.exchange.step(answer)).to.satisfy(isAccepted)
      expect(third.exchange.step(answer)).to.satisfy(isRefused)
    })

    it('refuses a start that carries a message, as memcached does', () => {
      expect(withList('mech_list: cram-md5').start('CRAM-MD5', bytes('joe'))).to.satisfy(isRefused)
    })
  })
})

const bytes = (text: string): Buffer => Buffer.from(text)
const isAccepted = (answer: SaslAnswer): boolean => answer.status === Status.OK
const isRefused = (answer: SaslAnswer): boolean => answer.status === Status.UNAUTHENTICATED

function continued(answer: SaslAnswer) {
  if (answer.status !== Status.CONTINUE) throw new Error(`status ${answer.status} where a challenge was due`)
  return answer
}
