/** Several servers that start in one data directory, and changes of a directory in use from outside. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { isLockName, LOCK_SOCKET_NAME, PID_FILE_NAME } from '../../lib/journal/directory/lock-names.js'
import { diskFiles } from '../../lib/journal/disk/files.js'
import { runningProcesses } from '../../lib/journal/disk/processes.js'
import { exchange } from '../support/binary-client.js'
import { itemExtras, Op, request, statusOf, valueIn } from '../support/frames.js'
import { MAIN } from '../support/program.js'
import { runServer, type ServerProcess, spawnServer, startServer } from '../support/server.js'
import { withThreads } from '../support/threads.js'

const SERVER_COUNT = 4
const ROUND_COUNT = 2
const EX_OSERR = 71
const PATIENCE_MS = 60_000
const TEMPORARY_FAILURE = 0x86
/** Like a container: its own process ids, and its own network. */
const UNSHARE = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', '--net']

/** Waits until the condition is true, which may take long on a slow machine. Otherwise the error tells what was said. */
async function until(ask: () => boolean | Promise<boolean>, said = () => 'nothing'): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(`the condition was never true; the server said: ${said()}`)
    await sleep(20)
  }
}

/** Returns the outcome of a start: the server listens, or has ended with a refusal. */
async function outcomeOf(child: ChildProcess): Promise<'serves' | string> {
  let said = ''
  const listening = new Promise<string>((resolve) => {
    child.stderr!.on('data', (chunk) => {
      said += chunk
      if (said.includes('listening on')) resolve('serves')
    })
  })
  const ended = once(child, 'close').then(([code]) => `${code}: ${said}`)
  return Promise.race([listening, ended])
}

describe('A data directory that several servers start in', function () {
  this.slow(20_000)
  this.timeout(120_000)
  let folder = ''
  let data = ''

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keepcached-servers-'))
    data = join(folder, 'data')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** Starts servers at once, each with one of these commands. Exactly one serves; then it is killed. */
  async function startAtOnce(commands: readonly (readonly string[])[]): Promise<void> {
    const children = commands.map((command, index) =>
      spawnServer(['-v', '-s', join(folder, `socket ${index}`), '--data', data], { command }),
    )
    const outcomes = await Promise.all(children.map(outcomeOf))
    for (const child of children) await killed(child)
    expect(outcomes.filter((outcome) => outcome === 'serves')).to.have.length(1)
    for (const outcome of outcomes) if (outcome !== 'serves') expect(outcome).to.match(REFUSAL)
  }

  async function killed(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const end = once(child, 'close')
    child.kill('SIGKILL')
    await end
  }

  it('is used by exactly one of many that start at once, also after the one before was killed', async () => {
    const commands = Array.from({ length: SERVER_COUNT }, () => [process.execPath, MAIN])
    for (let round = 0; round < ROUND_COUNT; round++) await startAtOnce(commands)
  })

  it("is used by exactly one of two that cannot see each other's processes", async function () {
    try {
      execFileSync(UNSHARE[0]!, [...UNSHARE.slice(1), 'true'], { stdio: 'ignore' })
    } catch {
      return this.skip()
    }
    const command = [...UNSHARE, process.execPath, MAIN]
    for (let round = 0; round < ROUND_COUNT; round++) await startAtOnce([command, command])
  })
})

const REFUSAL = new RegExp(`^${EX_OSERR}: .*two cannot share a directory\n$`)

describe('A server in a data directory', function () {
  this.slow(5000)
  this.timeout(120_000)
  let folder = ''
  let data = ''
  let server: ServerProcess | undefined

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keepcached-servers-'))
    data = join(folder, 'data')
  })
  afterEach(async () => {
    await server?.stop('SIGKILL')
    server = undefined
    rmSync(folder, { recursive: true })
  })

  const start = async (threadCount = 1): Promise<ServerProcess> => {
    server = await startServer(withThreads(threadCount, ['--data', data]))
    // It accepts connections before it serves, and before it handles signals.
    await ask(request(Op.NOOP))
    return server
  }

  async function ask(asked: Buffer): Promise<Buffer> {
    const connection = await server!.connect()
    try {
      return await exchange(connection, asked)
    } finally {
      connection.close()
    }
  }

  const set = async (key: string): Promise<number> =>
    statusOf(await ask(request(Op.SET, { key, value: 'value', extras: itemExtras() })))

  const get = async (key: string): Promise<string> => valueIn(await ask(request(Op.GET, { key }))).toString()

  const locks = (): string[] => readdirSync(data).filter(isLockName).sort()

  it('leaves the directory to the next one at once when it is killed', async () => {
    for (let round = 0; round < ROUND_COUNT; round++) {
      await start()
      expect(locks()).to.deep.equal([PID_FILE_NAME, LOCK_SOCKET_NAME])
      await server!.stop('SIGKILL')
    }
    await start()
    await server!.stop()
    expect(locks()).to.deep.equal([])
  })

  it('keeps other servers out even when its pid file is gone', async () => {
    await start()
    rmSync(join(data, PID_FILE_NAME))
    for (let round = 0; round < ROUND_COUNT; round++) {
      const { code, stderr } = await runServer(['-p', '-1', '--data', data])
      expect(`${code}: ${stderr}`).to.match(REFUSAL)
    }
  })

  it('has a lock where the path is longer than the address of a socket', async () => {
    data = join(folder, 'long '.repeat(20), 'directory')
    await start()
    expect(lstatSync(join(data, LOCK_SOCKET_NAME)).isSocket()).to.equal(true)
    const { code, stderr } = await runServer(['-p', '-1', '--data', data])
    expect(`${code}: ${stderr}`).to.match(REFUSAL)
    await server!.stop('SIGKILL')
    await start()
    await server!.stop()
    expect(locks()).to.deep.equal([])
  })

  it('respects the pid file of an earlier version as long as that process lives', async () => {
    const sleeper = spawn('sleep', ['1000'])
    await once(sleeper, 'spawn')
    const begun = runningProcesses(diskFiles).begunOf(sleeper.pid!)
    mkdirSync(data)
    writeFileSync(join(data, PID_FILE_NAME), `${sleeper.pid} ${begun}\n`)
    const { code, stderr } = await runServer(['-p', '-1', '--data', data])
    expect(stderr).to.include(
      `the server with process id ${sleeper.pid} uses it; two cannot share a directory\n`,
    )
    expect(code).to.equal(EX_OSERR)
    expect(locks()).to.deep.equal([PID_FILE_NAME])
    const end = once(sleeper, 'exit')
    sleeper.kill('SIGKILL')
    await end
    await start()
    expect(readFileSync(join(data, PID_FILE_NAME), 'utf8')).to.match(new RegExp(`^${server!.pid} `))
  })

  for (const threadCount of [1, 2])
    it(`refuses changes soon after the directory was deleted, with ${threadCount} threads, and accepts them again in a new one`, async () => {
      await start(threadCount)
      expect(await set('early')).to.equal(0)
      rmSync(data, { recursive: true })
      // A change whose reply is held when the journal fails gets none: its connection is closed.
      const tried = (key: string): Promise<number | undefined> => set(key).catch(() => undefined)
      const said = () => server!.output
      await until(async () => (await tried('refused')) === TEMPORARY_FAILURE, said)
      const line = `the journal has failed: ${data}: the directory was deleted or moved; changes are refused until a snapshot is whole\n`
      await until(() => server!.output.includes(line), said)
      expect(await get('early')).to.equal('value')
      expect(existsSync(data)).to.equal(false)
      mkdirSync(data)
      await until(async () => (await tried('late')) === 0, said)
      await server!.stop('SIGKILL')
      await start(threadCount)
      expect(await get('early')).to.equal('value')
      expect(await get('late')).to.equal('value')
    })

  it('does not disturb another server that uses a new directory with the same path', async () => {
    const lost = await start()
    renameSync(data, join(folder, 'moved'))
    // Otherwise it could take the new directory before the other one has locked it.
    process.kill(lost.pid, 'SIGSTOP')
    const other = await start()
    process.kill(lost.pid, 'SIGCONT')
    expect(await set('key')).to.equal(0)
    await until(() => lost.output.includes('the journal has failed'))
    await lost.stop()
    expect(locks()).to.deep.equal([PID_FILE_NAME, LOCK_SOCKET_NAME])
    await other.stop('SIGKILL')
    await start()
    expect(await get('key')).to.equal('value')
  })
})
