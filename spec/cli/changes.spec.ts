/** The commands for the shell that follow changes. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import { ScriptedServer } from '../client/support/scripted-server.js'
import { MAIN } from '../support/program.js'
import { startServer, useServer } from '../support/server.js'
import { runTool } from '../support/tool.js'

describe('keepcached changes', () => {
  const server = useServer({ options: ['--changes', '1m'] })
  const at = () => ['--server', `127.0.0.1:${server().port}`]
  const run = (...words: string[]) => runTool([...words, ...at()])

  /** The first lines that it prints; then it is interrupted. */
  async function linesOf(count: number, words: readonly string[], act: (line: string) => unknown) {
    const child = spawn(process.execPath, [MAIN, 'changes', ...words, ...at()])
    const ended = once(child, 'exit')
    const lines: string[] = []
    for await (const line of createInterface(child.stdout)) {
      lines.push(line)
      if (lines.length === count) break
      await act(line)
    }
    child.kill('SIGINT')
    await ended
    return lines
  }

  beforeEach(() => run('flush'))

  it('prints the items and what changes, with values and positions', async () => {
    await run('set', 'k:a', 'one two', '--flags', '5')
    const lines = await linesOf(4, ['k:', '--initial', '--values'], async (line) => {
      if (!line.startsWith('position')) return
      await run('set', 'other', 'x')
      await run('set', 'k:b', '2')
      await run('delete', 'k:a')
    })
    expect(lines.map((line) => line.replace(/(cas|position)=\S+/g, '$1'))).deep.equal([
      'item k:a cas size=7 ttl=-1 flags=5 value=one%20two',
      'position position',
      'set k:b cas size=1 ttl=-1 flags=0 value=2 position',
      'delete k:a position',
    ])
  })

  it('prints JSON, and resumes after a position', async () => {
    const [first] = await linesOf(1, ['--json'], () => undefined)
    const { position } = JSON.parse(first!)
    await run('set', 'a', 'b')
    const [line] = await linesOf(1, ['--json', '--values', '--since', position], () => undefined)
    const { cas, position: next, ...others } = JSON.parse(line!)
    expect(others).deep.equal({ kind: 'set', key: 'a', size: 1, ttl: -1, flags: 0, value: 'b' })
    expect([typeof cas, typeof next]).deep.equal(['number', 'string'])
  })

  it('prints the prefix of those that were flushed', async () => {
    const act = () => run('flush', '--prefix', 'a%:').then(() => undefined)
    let isFlushed = false
    const once = async (): Promise<void> => {
      if (!isFlushed) await act()
      isFlushed = true
    }
    const [, line] = await linesOf(2, [], once)
    expect(line!.replace(/=\S+\.\S+/, '')).equal('flush_prefix prefix=a%25: position')
    isFlushed = false
    const [, json] = await linesOf(2, ['--json'], once)
    expect(JSON.parse(json!)).include({ kind: 'flush_prefix', prefix: 'a%:' })
  })

  it('refuses what is no position', async () => {
    const { code, complaints } = await run('changes', '--since', 'now')
    expect({ code, complaints }).deep.equal({ code: 64, complaints: ['--since: "now" is no position'] })
  })

  it('says that changes are off, or that there is no server', async () => {
    const other = await startServer()
    for (const words of [['changes'], ['wait', 'k']]) {
      const { code, complaints } = await runTool([...words, '--server', `127.0.0.1:${other.port}`])
      expect(code).equal(76)
      expect(complaints.join()).match(/changes are off \(--changes\)$/)
    }
    await other.stop()
    for (const words of [['changes'], ['wait', 'k']])
      expect((await runTool([...words, '--server', '127.0.0.1:1'])).code).equal(69)
  })
})

describe('keepcached wait', () => {
  const server = useServer({ options: ['--changes', '1m'] })
  const run = (...words: string[]) => runTool([...words, '--server', `127.0.0.1:${server().port}`])

  it('prints the value once the key exists', async () => {
    const waiting = run('wait', 'k')
    await run('set', 'k', 'here')
    expect(await waiting).deep.include({ code: 0, out: 'here', complaints: [] })
  })

  it('waits for another cas, and tells by its exit code that the key is missing, or that time is up', async () => {
    await run('set', 'k', 'first', '--flags', '3')
    const { cas } = JSON.parse((await run('get', 'k', '--json')).out)
    const timeUp = await run('wait', 'k', '--after', `${cas}`, '--timeout', '1', '--json')
    expect(timeUp).deep.include({ code: 75, out: '{"key":"k","outcome":"time up"}\n' })
    const waiting = run('wait', 'k', '--after', `${cas}`, '--json')
    await run('set', 'k', 'second', '--flags', '4')
    const { cas: next, ...others } = JSON.parse((await waiting).out)
    expect(others).deep.equal({ key: 'k', outcome: 'changed', value: 'second', flags: 4 })
    expect(next).above(cas)
    await run('delete', 'k')
    expect(await run('wait', 'k', '--after', `${next}`)).deep.include({ code: 1, out: '' })
  })

  it('refuses a time that is none', async () => {
    expect((await run('wait', 'k', '--timeout', '0')).code).equal(64)
    expect((await run('wait', 'k', '--after', 'x')).code).equal(64)
  })

  it('says that a silent server did not reply in time', async () => {
    const silent = await ScriptedServer.start()
    const { code, complaints } = await runTool(['wait', 'k', '--timeout', '1', '--server', silent.name])
    await silent.stop()
    expect([code, complaints]).deep.equal([69, ['the server did not reply in time']])
  })
})
