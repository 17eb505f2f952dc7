import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** However the specs end, no process of theirs outlives them. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export function spawnRedis(words: readonly string[]): ChildProcess {
  const child = spawn('redis-server', words, { stdio: 'ignore' })
  running.add(child)
  return child
}

export async function endRedis(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }
  running.delete(child)
}
