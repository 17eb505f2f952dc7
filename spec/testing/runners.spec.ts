/**
 * The examples of lib/testing run with the test runners that they are for, as ES modules and as CommonJS. A server serves while
 * the fake timers of each are on.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { needs } from '../support/peers.js'
import { ProgramFolder, ROOT } from './programs.js'
import { JEST, runnerPath, SINON, VITEST } from './test-runners.js'

const README = readFileSync(join(ROOT, 'lib/testing/README.md'), 'utf8')

function example(name: string): string {
  const [, code] = new RegExp(`<!-- example: ${name} -->\\n\`\`\`js\\n(.*?)\`\`\``, 's').exec(README)!
  return code!
}

/** The same with `require`. */
const asCommonJs = (code: string): string =>
  code
    .replace(/^import (\w+) from '(.+)'$/gm, `const $1 = require('$2')`)
    .replace(/^import (\{.+\}) from '(.+)'$/gm, `const $1 = require('$2')`)

const NODE_TEST = example('node:test')
const DESCRIBED = example('mocha, jest, vitest')

/** All work of a client while the timers are fake; the last line has them real again. `prefix` turns them on and off. */
const withFakeTimers = (load: string, fake: string, real: string): string => `${load}
test('serves while timers are fake', async () => {
  const early = await startTestServer({ clock: 'manual', items: { a: 'x' } })
  ${fake}
  const server = await startTestServer({ clock: 'manual', items: { a: 'x' }, faults: [{ on: 'noop', then: { delay: 20 } }] })
  for (const each of [early, server]) {
    const socket = net.connect(each.port, '127.0.0.1')
    const answer = new Promise((resolve) => {
      let text = ''
      socket.on('data', (data) => {
        text += data
        if (text.endsWith('MN\\r\\n')) resolve(text)
      })
    })
    // So many that others have their turn meanwhile, and a list, which always lets them.
    socket.write('get a\\r\\n'.repeat(100) + 'lru_crawler metadump all\\r\\nmn\\r\\n')
    assert.equal((await answer).match(/VALUE a 0 1/g).length, 100)
    socket.destroy()
    each.clock.advance('1h')
    each.load({ b: { value: 'y', expiry: 10 } })
    each.clock.advance(11)
    assert.deepEqual(each.items().map(({ key }) => key), ['a'])
    await each.stop()
  }
  const passing = await startTestServer({ items: { a: { value: 'x', expiry: 1000 } } })
  const before = passing.clock.now
  while (passing.clock.now - before < 5) await new Promise((resolve) => net.connect(passing.port, '127.0.0.1', function () { this.destroy(resolve()) }))
  assert.equal(passing.items().length, 1)
  await passing.stop()
  ${real}
})
`
const LOAD = `import assert from 'node:assert'
import net from 'node:net'
import { startTestServer } from 'keepcached/testing'
`

describe('the examples of lib/testing', function () {
  this.timeout(120_000)
  this.slow(10_000)
  let folder: ProgramFolder
  beforeEach(() => {
    folder = new ProgramFolder('memjs', 'mocha')
    folder.install()
  })
  afterEach(() => folder.remove())

  const passes = (program: string, ...words: string[]): void => {
    const { status, stdout, stderr } = folder.run(program, words)
    expect(status, `${stdout}${stderr}`).to.equal(0)
    expect(`${stdout}${stderr}`).to.match(/(^# pass 1$|pass 1$|1 passing|1 passed)/m)
  }
  /** Each runner must end by itself: nothing here makes it. */
  const node = (...words: string[]): void => passes(process.execPath, ...words)

  for (const [format, ending, as] of [
    ['ES modules', 'mjs', (code: string) => code],
    ['CommonJS', 'cjs', asCommonJs],
  ] as const)
    describe(`as ${format}`, () => {
      it('run with node:test', () => node('--test', folder.write(`a.test.${ending}`, as(NODE_TEST))))

      it('run with mocha', () =>
        node(join(ROOT, 'node_modules/mocha/bin/mocha.js'), folder.write(`a.spec.${ending}`, as(DESCRIBED))))

      it('serve beside the fake timers of node:test', () => {
        const load = `${LOAD}import { mock, test } from 'node:test'`
        const fake = `mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] })`
        node(
          '--test',
          folder.write(`b.test.${ending}`, as(withFakeTimers(load, fake, 'mock.timers.reset()'))),
        )
      })

      describe('with sinon', () => {
        needs(SINON)
        it('serve beside its fake timers', () => {
          folder.link('sinon', runnerPath('sinon'))
          const load = `${LOAD}import { test } from 'node:test'\nimport sinon from 'sinon'`
          // Without nextTick the sockets of Node stand still, those of any client, too.
          const fake = `const timers = sinon.useFakeTimers({ toNotFake: ['nextTick', 'queueMicrotask'] })`
          const code = withFakeTimers(load, fake, 'timers.restore()')
          node('--test', folder.write(`b.test.${ending}`, as(code)))
        })
      })

      describe('with jest', () => {
        needs(JEST)
        /** As it is set up by itself: a file of CommonJS, and no word more. */
        const plainJest = (name: string, code: string): void => {
          folder.write(`${name}.test.js`, code)
          node(runnerPath('jest/bin/jest.js'))
        }
        /** Its way to load ES modules, which it does not know by itself. */
        const moduleJest = (name: string, code: string): void => {
          folder.write(`${name}.test.mjs`, code)
          const words = ['--testMatch', `**/${name}.test.mjs`, '--moduleFileExtensions', 'js', 'mjs']
          node('--experimental-vm-modules', '--no-warnings', runnerPath('jest/bin/jest.js'), ...words)
        }
        const jest = ending === 'mjs' ? moduleJest : plainJest
        beforeEach(() => folder.write('package.json', '{}'))
        it('run', () => jest('a', as(DESCRIBED)))
        it('serve beside its fake timers', () => {
          const load = ending === 'mjs' ? `${LOAD}import { jest } from '@jest/globals'` : LOAD
          folder.link('@jest', runnerPath('@jest'))
          jest('b', as(withFakeTimers(load, 'jest.useFakeTimers()', 'jest.useRealTimers()')))
        })
      })

      describe('with vitest', () => {
        needs(VITEST)
        const vitest = (name: string, code: string): void => {
          folder.link('vitest', runnerPath('vitest'))
          folder.write('package.json', '{}')
          folder.write(name, code)
          node(runnerPath('vitest/vitest.mjs'), 'run', '--globals', '--root', folder.path, name)
        }
        // It makes ES modules of test files itself: a file of CommonJS is one that requires the package.
        const file = (name: string): string => `${name}.test.${ending === 'mjs' ? 'mjs' : 'cjs'}`
        const asRequired = (code: string): string =>
          ending === 'mjs'
            ? code
            : `import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)\n${as(code)}`
        it('run', () => vitest(file('a'), asRequired(DESCRIBED)))
        it('serve beside its fake timers', () =>
          vitest(file('b'), asRequired(withFakeTimers(LOAD, 'vi.useFakeTimers()', 'vi.useRealTimers()'))))
      })
    })
})
