/**
 * Preloaded into a server: a request for the key `fault:WAY:POINT` lets the thread that serves it die at that point,
 * the next time that it gets there. Before that it pauses for a moment, so that others meet what it holds. The last
 * line of standard output is the time of its death.
 */
import { writeSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { LocalEngine } from '../../lib/commands/local-engine.js'
import type { Reply } from '../../lib/request/reply.js'
import type { Request } from '../../lib/request/request.js'
import { POINTS, WAYS, type Way } from './fault-points.js'

const STILL_MS = 100

let armed: { readonly way: Way; readonly point: string } | undefined

function dieIfAt(point: string): void {
  if (armed?.point !== point) return
  const { way } = armed
  armed = undefined
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STILL_MS)
  noteTime()
  WAYS[way]()
}

const noteTime = (): void => void writeSync(1, `${Date.now()}\n`)

// V8 takes half a second or more to fill the memory and to search it for garbage, depending on the load.
if (isMainThread)
  process.on('worker', (thread) =>
    thread.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ERR_WORKER_OUT_OF_MEMORY') noteTime()
    }),
  )

type Step = (this: unknown, ...given: unknown[]) => unknown

for (const [point, [owner, name, when]] of Object.entries(POINTS)) {
  const steps = owner.prototype as unknown as Record<string, Step>
  const step = steps[name]!
  steps[name] = function (...given) {
    if (when === 'before') dieIfAt(point)
    const answer = step.apply(this, given)
    if (when === 'after') dieIfAt(point)
    return answer
  }
}

const { execute } = LocalEngine.prototype
LocalEngine.prototype.execute = function (request: Request, reply: Reply) {
  const { arena } = this['context']
  const key = arena.bytes.toString('latin1', request.keyStart, request.keyEnd)
  const [mark, way, point] = key.split(':')
  if (mark === 'fault') armed = { way: way as Way, point: point! }
  dieIfAt('at once')
  execute.call(this, request, reply)
}
