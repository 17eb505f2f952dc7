import { type Exchange, sendJson } from '../../admin/http/exchange.js'
import { HttpError } from '../../admin/http/http-error.js'
import { withBody } from '../../admin/http/read-body.js'
import type { Route } from '../../admin/http/route.js'
import { ADMIN_VALUES_LENGTH_MAX } from '../../request/limits.js'
import { duration, oneOf, record } from '../faults/checks.js'
import type { Controls } from '../serving/controls.js'
import { timeOf } from '../test-options.js'
import { faultOf, faultStateJson, itemJson, loadedOf } from './json.js'

/** What a caller has sent beside the path. */
interface RouteInput {
  /** The body as JSON; undefined without a body. */
  readonly body: unknown
  readonly group: string
  /** What follows the path of the route. */
  readonly rest: string
}

/** Its result is the body of the reply. */
type Act = (controls: Controls, input: RouteInput) => unknown

/** By method and path. A path that ends with a slash has a number behind it. */
const ACTS: readonly (readonly [method: Route['method'], path: string, act: Act])[] = [
  ['GET', '/test/clock', clock],
  ['POST', '/test/clock', moveClock],
  ['GET', '/test/faults', (controls) => controls.faults().map(faultStateJson)],
  ['POST', '/test/faults', addFaults],
  ['DELETE', '/test/faults', (controls) => controls.clearFaults()],
  ['DELETE', '/test/faults/', (controls, { rest }) => controls.removeFault(numberIn(rest))],
  ['GET', '/test/requests', (controls) => controls.requests()],
  ['DELETE', '/test/requests', (controls) => controls.forgetRequests()],
  ['GET', '/test/items', (controls) => controls.items().map(itemJson)],
  ['POST', '/test/items', (controls, { body }) => controls.load(loadedOf(body))],
  ['POST', '/test/clear', clear],
  ['GET', '/test/connections', (controls) => controls.connections()],
  ['DELETE', '/test/connections/', (controls, { rest }) => ({ isDropped: controls.drop(numberIn(rest)) })],
  ['GET', '/test/statistics', (controls, { group }) => controls.statistics(group)],
  ['POST', '/test/restart', restart],
]

/** The routes that a test server has beside those of every admin listener. */
export function testRoutes(controls: Controls): readonly Route[] {
  return ACTS.map(([method, path, act]) => ({
    method,
    path,
    parameters: path === '/test/statistics' ? ['group'] : [],
    answer: (exchange) => answer(exchange, controls, act),
  }))
}

async function answer(exchange: Exchange, controls: Controls, act: Act): Promise<void> {
  const { admin, request, response, parameters, rest } = exchange
  const group = parameters.text('group') ?? ''
  const bounds = { lengthMax: ADMIN_VALUES_LENGTH_MAX, budget: admin.values }
  const result = await withBody(request, bounds, async (bytes) => {
    try {
      return await act(controls, { body: bodyIn(bytes), group, rest })
    } catch (error) {
      if (error instanceof TypeError || error instanceof RangeError) throw new HttpError(400, error.message)
      throw error
    }
  })
  if (result === undefined) response.writeHead(204).end()
  else sendJson(exchange, result)
}

function bodyIn(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  try {
    return JSON.parse(bytes.toString())
  } catch (error) {
    throw new TypeError(`body: ${(error as Error).message}`)
  }
}

function numberIn(rest: string): number {
  if (!/^\d{1,15}$/.test(rest)) throw new HttpError(404, 'there is nothing at this path')
  return Number(rest)
}

function clock(controls: Controls): unknown {
  return { now: new Date(controls.nowMs()).toISOString() }
}

function moveClock(controls: Controls, { body }: RouteInput): unknown {
  const { advance, set } = record('body', body, ['advance', 'set'])
  if ((advance === undefined) === (set === undefined)) throw new TypeError('body: give either advance or set')
  if (advance !== undefined) controls.advance(duration('advance', advance, 1000))
  else controls.setTime(timeOf('set', set))
  return clock(controls)
}

function addFaults(controls: Controls, { body }: RouteInput): unknown {
  return { ids: controls.addFaults((Array.isArray(body) ? body : [body]).map(faultOf)) }
}

function clear(controls: Controls, { body = {} }: RouteInput): void {
  record('body', body, [])
  controls.clear()
}

function restart(controls: Controls, { body = {} }: RouteInput): void {
  const { items = 'drop' } = record('body', body, ['items'])
  controls.restart(oneOf('items', items, ['keep', 'drop']) === 'keep')
}
