import { startInThread } from './control/thread-control.js'
import { controlsUntilStopped } from './serving/controls-until-stopped.js'
import { Serving } from './serving/serving.js'
import type { ServingOptions } from './serving/serving-options.js'
import { completeTestOptions, type TestServerOptions } from './test-options.js'
import { TestServer } from './test-server.js'

/**
 * Starts a memcached for a test:
 *
 *     await using cache = await startTestServer({ clock: 'manual' })
 *     cache.faults.add({ on: 'get', times: 1, then: 'timeout' })
 *     cache.clock.advance('1h')
 *
 * It listens on any free port of 127.0.0.1. Many can run side by side. It ends with its block, with `stop()`, or with the
 * process, which it does not keep alive.
 */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const completed = completeTestOptions(options)
  const { faults = [], items, thread = false, ...others } = options
  const server = thread ? await inThread(others) : await inThisThread(completed)
  try {
    for (const fault of faults) server.faults.add(fault)
    if (items !== undefined) server.load(items)
  } catch (error) {
    await server.stop()
    throw error
  }
  return server
}

async function inThisThread(options: ServingOptions): Promise<TestServer> {
  const serving = await Serving.start(options)
  const { host, port } = serving
  return new TestServer(controlsUntilStopped(serving), {
    host,
    port,
    seed: options.seed,
    stop: () => serving.stop(),
  })
}

async function inThread(options: TestServerOptions): Promise<TestServer> {
  const { controls, ...place } = await startInThread(options)
  return new TestServer(controls, place)
}
