// One of the threads that work on one store, without sockets: each message with a number of seconds is a run.
import { parentPort, workerData } from 'node:worker_threads'
import type { WorkerSlot } from '../../../lib/arena/arena.js'
import { Arena } from '../../../lib/arena/arena.js'
import { Command } from '../../../lib/request/command.js'
import { Reply } from '../../../lib/request/reply.js'
import { Request } from '../../../lib/request/request.js'
import { engineOver } from './engine.js'
import { KEY_LENGTH, keyAt, type Mix, VALUE_LENGTH } from './mixes.js'

export interface StoreTask {
  readonly memory: Arena['memory']
  readonly workerSlot: WorkerSlot
  readonly mix: Mix
}

export interface ThreadRun {
  readonly count: number
  readonly seconds: number
}

const LOOKS_AT_CLOCK_EVERY = 1024

const { memory, workerSlot, mix } = workerData as StoreTask
const { arena, engine, keys } = engineOver(Arena.attach(memory, workerSlot))
const request = new Request()
const reply = new Reply()
const value = keys + mix.keyCount * KEY_LENGTH
for (let index = 0; index < mix.keyCount; index++)
  arena.bytes.write(keyAt(index), keys + index * KEY_LENGTH, 'latin1')
for (let index = 0; index < mix.keyCount; index++) execute(Command.SET, index)

function execute(command: Command, index: number): void {
  request.command = command
  request.keyStart = keys + index * KEY_LENGTH
  request.keyEnd = request.keyStart + KEY_LENGTH
  request.valueStart = value
  request.valueEnd = command === Command.SET ? value + VALUE_LENGTH : value
  engine.execute(request, reply)
  engine.release()
}

let state = workerSlot.worker + 1

/** Random enough, and fast. */
function random(): number {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return state >>> 0
}

parentPort!.on('message', (seconds: number) => {
  const start = performance.now()
  const end = start + seconds * 1000
  let count = 0
  do {
    for (let step = 0; step < LOOKS_AT_CLOCK_EVERY; step++) {
      const isSet = random() % 100 < mix.setPercent
      execute(isSet ? Command.SET : Command.GET, random() % mix.keyCount)
    }
    count += LOOKS_AT_CLOCK_EVERY
  } while (performance.now() < end)
  parentPort!.postMessage({ count, seconds: (performance.now() - start) / 1000 } satisfies ThreadRun)
})
parentPort!.postMessage('ready')
