import type { Insight } from '../../metrics/insight.js'
import type { ServerOptions } from '../../options/table/options.js'
import type { Statistic } from '../../request/reply.js'
import type { Worker } from '../../server/connection/worker.js'
import type { ListenerFacts } from '../../server/listening/listener-facts.js'
import { arenaFor, buildWorker } from '../../server/workers/build-worker.js'
import { Log } from '../../server/workers/log.js'
import { TestClock } from '../time/test-clock.js'
import { TestTurns } from '../time/test-turns.js'
import { Contents } from './contents.js'
import { TestEngine, type TestEngineParts } from './test-engine.js'

export interface TestWorkerOptions {
  readonly options: ServerOptions
  readonly isManual: boolean
  readonly startMs: number
  readonly listening: readonly ListenerFacts[]
  readonly engine: Omit<TestEngineParts, 'arena' | 'evict'>
  readonly shutDown: () => void
}

export interface TestWorker {
  readonly worker: Worker
  readonly clock: TestClock
  readonly contents: Contents
  /** For its control over HTTP. */
  readonly statistics: (group: string) => readonly Statistic[] | undefined
  /** Undefined without that. */
  readonly insight: Insight | undefined
}

/** A worker of the real server, with the parts of a test server in the places for them. */
export function buildTestWorker(given: TestWorkerOptions): TestWorker {
  const { options, listening, shutDown } = given
  const arena = arenaFor(options, 1)
  let clock!: TestClock
  let engine!: TestEngine
  const { worker, statistics, insight } = buildWorker({
    ...{ arena, options, listening, shutDown },
    log: new Log(arena, options.verbosity),
    replacements: {
      createClock() {
        clock = new TestClock(arena, given.isManual, given.startMs)
        return clock
      },
      wrapEngine(inner) {
        engine = new TestEngine(inner, {
          ...given.engine,
          arena,
          evict: (request) => contents.evict(request),
        })
        return engine
      },
      turns: new TestTurns(),
    },
  })
  engine.output = worker.output
  const contents = new Contents(worker, engine.inner, options.itemSizeMax)
  return { worker, clock, contents, statistics, insight }
}
