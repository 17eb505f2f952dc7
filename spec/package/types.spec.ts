/** The types of the package compile with each supported TypeScript, in a program that checks libraries too. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

const PROGRAM = `
import { type ListenAddress, type ListenerFacts, type ProtocolName, Server, type ServerOptions, type StartOptions } from 'keepcached'
import { decodeFrame, encodeFrame, type Frame, FrameReader, request } from 'keepcached/protocol'

export async function start(options: StartOptions): Promise<[string, number, readonly ListenerFacts[]]> {
  const server: Server = (await Server.start(options)).unref()
  return [server.uri, server.port, server.addresses]
}
export type Names = [ListenAddress, ProtocolName, ServerOptions]
export const bytes: Buffer = encodeFrame(request('get', { key: 'sky' }))
export const frames: Frame[] = [...new FrameReader().push(bytes)]
export const end: number | undefined = decodeFrame(bytes)?.end
`

/** With nodenext the extension of a file decides its kind of module, and so which export of the package is used. */
const FILES = ['module.mts', 'script.cts']

describe('the types of the package', function () {
  this.timeout(60_000)
  this.slow(10_000)
  let folder = ''

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'keepcached-types-'))
    const installed = join(folder, 'node_modules', 'keepcached')
    mkdirSync(installed, { recursive: true })
    cpSync(join(ROOT, 'package.json'), join(installed, 'package.json'))
    for (const part of ['lib', 'cjs']) {
      const filter = (path: string): boolean => !/\.(js|map)$/.test(path)
      cpSync(join(ROOT, 'dist', part), join(installed, 'dist', part), { recursive: true, filter })
    }
    for (const types of ['@types/node', 'undici-types'])
      cpSync(join(ROOT, 'node_modules', types), join(folder, 'node_modules', types), { recursive: true })
    for (const file of FILES) writeFileSync(join(folder, file), PROGRAM)
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  for (const name of ['typescript-5.2', 'typescript-5.9', 'typescript-6', 'typescript'])
    it(`compile with ${versionOf(name)} without skipLibCheck`, () => {
      const compiler = join(ROOT, 'node_modules', name, 'bin', 'tsc')
      const words = [
        '--noEmit',
        '--strict',
        '--target',
        'es2022',
        '--module',
        'nodenext',
        '--skipLibCheck',
        'false',
        // The libraries of TypeScript itself are not ours, and take half the time.
        '--skipDefaultLibCheck',
        'true',
      ]
      const { status, stdout } = spawnSync(process.execPath, [compiler, ...words, ...FILES], {
        cwd: folder,
        encoding: 'utf8',
      })
      expect(stdout).to.equal('')
      expect(status).to.equal(0)
    })
})

function versionOf(name: string): string {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'))
  return `TypeScript ${manifest.version}`
}
