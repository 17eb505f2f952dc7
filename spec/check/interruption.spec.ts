/** What check leaves behind when it is interrupted. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'
import { eventually } from '../support/eventually.js'
import { MAIN } from '../support/program.js'
import { useServer } from '../support/server.js'
import { runTool } from '../support/tool.js'

describe('check, interrupted', () => {
  const server = useServer()
  const address = () => `127.0.0.1:${server().port}`

  async function statistic(name: string): Promise<number> {
    const { out } = await runTool(['stats', address()])
    return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(out)?.[1])
  }

  /** As a process of its own, during the checks. */
  async function begun(): Promise<ChildProcess> {
    const child = spawn(process.execPath, [MAIN, 'check', address()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    // By then the checks that wait for the clock have stored their items.
    await once(child.stdout!, 'data')
    await eventually(true, async () => (await statistic('curr_items')) > 5)
    return child
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    it(`removes its keys, and ends by the signal (${signal})`, async () => {
      const child = await begun()
      child.stdout!.resume()
      const end = once(child, 'exit')
      child.kill(signal)
      expect(await end).to.deep.equal([null, signal])
      expect(await statistic('curr_items')).to.equal(0)
    })

  it('removes its keys when its output is closed', async () => {
    const child = await begun()
    const end = once(child, 'exit')
    child.stdout!.destroy()
    expect(await end).to.deep.equal([0, null])
    expect(await statistic('curr_items')).to.equal(0)
  })

  /** Interrupts the checks while their server is stopped. Returns how long they take to end, in milliseconds. */
  async function endOnSilence(interrupt: (child: ChildProcess) => Promise<void>): Promise<number> {
    const child = await begun()
    child.stdout!.resume()
    process.kill(server().pid, 'SIGSTOP')
    try {
      const end = once(child, 'exit')
      const started = performance.now()
      await interrupt(child)
      expect(await end).to.deep.equal([null, 'SIGINT'])
      return performance.now() - started
    } finally {
      process.kill(server().pid, 'SIGCONT')
    }
  }

  it('does not wait long for a server that is silent', async () => {
    const ms = await endOnSilence(async (child) => {
      child.kill('SIGINT')
    })
    expect(ms).to.be.lessThan(4000)
  })

  it('ends at once at the second signal', async () => {
    const ms = await endOnSilence(async (child) => {
      child.kill('SIGINT')
      await new Promise((resolve) => setTimeout(resolve, 300))
      child.kill('SIGINT')
    })
    expect(ms).to.be.lessThan(1500)
  })
})
