/** The package from programs that `require`, and from bundles. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { buildSync } from 'esbuild'
import { Server } from '../../lib/index.js'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Starts a server, stores and reads over its own port, and stops it. */
const programFor = (load: string, workers: number): string => `
const { Server } = ${load}
const net = require('node:net')
async function main() {
  const server = await Server.start({ port: 0, workers: ${workers} })
  const socket = net.connect(server.port).setEncoding('latin1')
  socket.end('set sky 0 0 4\\r\\nblue\\r\\nget sky\\r\\nquit\\r\\n')
  let text = ''
  for await (const chunk of socket) text += chunk
  await server.stop()
  process.stdout.write(text)
}
main().catch((error) => { console.error(error.message); process.exit(1) })
`

/** Stores and reads with a client of the port that the words before have put into `port`. */
const CLIENT_STEPS = `
  const client = new Client(\`127.0.0.1:\${port}\`, { timeout: 20_000 })
  await client.set('sky', { colour: 'blue' }, { ttl: '5m' })
  console.log(await client.get('sky'), await client.get('sea'))
  await client.close()`

const clientProgram = (load: string): string => `
const { Client } = ${load}
const { Server } = require('keepcached')
async function main() {
  const server = await Server.start({ port: 0 })
  const { port } = server
  ${CLIENT_STEPS}
  await server.stop()
}
main()`

const clientOf = (port: number): string => `
import { Client } from 'keepcached/client'
async function main() {
  const port = ${port}
  ${CLIENT_STEPS}
}
main()`

const SAID = 'STORED\r\nVALUE sky 0 4\r\nblue\r\nEND\r\n'

describe('the package as CommonJS', function () {
  this.slow(5000)
  let folder = ''

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'keepcached-commonjs-'))
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(ROOT, join(folder, 'node_modules', 'keepcached'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  function run(name: string, text: string, place = folder): { said: string; errors: string } {
    const file = join(place, name)
    writeFileSync(file, text)
    const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
    return { said: stdout, errors: stderr }
  }

  for (const workers of [1, 2])
    it(`serves when it was required, with ${workers === 1 ? 'one worker' : 'two workers'}`, () => {
      expect(run('required.cjs', programFor(`require('keepcached')`, workers))).to.deep.equal({
        said: SAID,
        errors: '',
      })
    })

  it('reads frames when it was required', () => {
    const text = `const { decodeFrame, encodeFrame, request } = require('keepcached/protocol')
      console.log(String(decodeFrame(encodeFrame(request('get', { key: 'sky' }))).frame.key))`
    expect(run('frames.cjs', text)).to.deep.equal({ said: 'sky\n', errors: '' })
  })

  for (const thread of [false, true])
    it(`serves a test when it was required${thread ? ', in a thread' : ''}`, () => {
      const text = `const { startTestServer } = require('keepcached/testing')
      startTestServer({ items: { sky: 'blue' }, thread: ${thread} }).then(async (cache) => {
        console.log(String(cache.items()[0].value))
        await cache.stop()
      })`
      expect(run('testing.cjs', text)).to.deep.equal({ said: 'blue\n', errors: '' })
    })

  it('connects when it was required', () => {
    const text = `const { connect, lines, listen } = require('keepcached/net')
      listen(lines(), { onMessage: (line, connection) => connection.send(line) }).then(async (listener) => {
        const client = connect(lines(), { onMessage: (line) => console.log(line) }, { port: listener.port })
        client.send('sky')
        await client.end()
        await listener.close()
      })`
    expect(run('echo.cjs', text)).to.deep.equal({ said: 'sky\n', errors: '' })
  })

  it('serves profiles when it was required, and lets the process end', () => {
    const text = `const { serveProfiles } = require('keepcached/profiling')
      serveProfiles().then(async ({ port }) => {
        const { status } = await fetch(\`http://127.0.0.1:\${port}/debug/profile?seconds=0\`)
        console.log(status)
      })`
    expect(run('profiles.cjs', text)).to.deep.equal({ said: '400\n', errors: '' })
  })

  it('is a client when it was required', () => {
    expect(run('client.cjs', clientProgram(`require('keepcached/client')`))).to.deep.equal({
      said: "{ colour: 'blue' } undefined\n",
      errors: '',
    })
  })

  it('shows its classes by their names, though published code has short ones', async () => {
    const { shrunk } = await import(`${ROOT}/scripts/shrink.mjs`)
    const published = async (path: string): Promise<string> => {
      const text = readFileSync(join(ROOT, 'dist/cjs', path), 'utf8')
      const small: string = await shrunk(`dist/cjs/${path}`, text)
      expect(small.length, path).to.be.below(text.length * 0.9)
      return small
    }
    const place = join(folder, 'client')
    mkdirSync(place)
    writeFileSync(join(folder, 'common.js'), await published('common.js'))
    const lines = `
      const { Client, ClientError } = module.exports
      const error = new ClientError('BAD_KEY', 'no')
      console.log(Client.name, error.constructor.name, Object.keys(ClientError))`
    const { said, errors } = run('small.cjs', (await published('client/index.js')) + lines, place)
    expect({ said, errors }).to.deep.equal({ said: 'Client ClientError []\n', errors: '' })
  })

  for (const format of ['esm', 'cjs'] as const)
    it(`is a client in a bundle of esbuild, without the package and without a server (${format})`, async () => {
      const server = await Server.start({ port: 0 })
      const alone = mkdtempSync(join(tmpdir(), 'keepcached-client-'))
      try {
        const { outputFiles, metafile } = buildSync({
          stdin: { contents: clientOf(server.port), resolveDir: folder },
          bundle: true,
          platform: 'node',
          format,
          metafile: true,
          write: false,
          logLevel: 'error',
        })
        const inputs = Object.keys(metafile.inputs).join('\n')
        expect(inputs)
          .to.match(/client/)
          .and.not.match(/\/(store|commands\/items|server|journal|workers)\//)
        const file = join(alone, `bundle.${format === 'esm' ? 'mjs' : 'cjs'}`)
        writeFileSync(file, outputFiles[0]!.text)
        // This process serves meanwhile.
        const { stdout } = await promisify(execFile)(process.execPath, [file])
        expect(stdout).to.equal("{ colour: 'blue' } undefined\n")
      } finally {
        rmSync(alone, { recursive: true, force: true })
        await server.stop()
      }
    })

  it('lets a process end without stop, after unref', () => {
    const text = `require('keepcached').Server.start({ port: 0, workers: 2, udpPort: 0 }).then((server) => {
      server.unref()
      console.log(server.uri.replace(/\\d+$/, 'PORT'))
    })`
    expect(run('forgotten.cjs', text)).to.deep.equal({ said: 'memcached://127.0.0.1:PORT\n', errors: '' })
  })

  for (const format of ['esm', 'cjs'] as const)
    it(`finds its worker file from a bundle of esbuild beside the package (${format})`, () => {
      expect(run(`bundle.${format === 'esm' ? 'mjs' : 'cjs'}`, bundle(format))).to.deep.equal({
        said: SAID,
        errors: '',
      })
    })

  it('reports why threads cannot start from a bundle without the package', () => {
    const alone = mkdtempSync(join(tmpdir(), 'keepcached-bundle-'))
    try {
      const { said, errors } = run('bundle.cjs', bundle('cjs'), alone)
      expect({ said, errors }).to.deep.equal({
        said: '',
        errors:
          'the file that threads run is not there. Leave keepcached out of the bundle, or use no threads\n',
      })
    } finally {
      rmSync(alone, { recursive: true, force: true })
    }
  })

  function bundle(format: 'esm' | 'cjs'): string {
    const contents = programFor(`require('keepcached')`, 2)
    const asModule = `import { createRequire } from 'node:module'
      import * as keepcached from 'keepcached'
      const require = createRequire(import.meta.url)
      ${programFor('keepcached', 2)}`
    const { outputFiles } = buildSync({
      stdin: { contents: format === 'esm' ? asModule : contents, resolveDir: folder },
      bundle: true,
      platform: 'node',
      format,
      write: false,
      logLevel: 'error',
    })
    return outputFiles[0]!.text
  }
})
