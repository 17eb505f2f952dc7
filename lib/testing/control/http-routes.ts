import { oneOf, record, refuse } from '../faults/checks.js'
import type { Controls } from '../serving/controls.js'
import { timeOf } from '../test-options.js'
import { faultOf, faultStateJson, itemJson, loadedOf } from './json.js'

/** What a caller has sent beside the path. */
export interface RouteInput {
  /** The body as JSON; undefined without a body. */
  readonly body: unknown
  readonly query: URLSearchParams
  /** What follows the path of the route. */
  readonly rest: string
}

/** Its result is the body of the reply. */
export type Route = (controls: Controls, input: RouteInput) => unknown

/** By method and path. A path that ends with a slash has something behind it. */
export const ROUTES: Readonly<Record<string, Route>> = {
  'GET /test/clock': clock,
  'POST /test/clock': (controls, { body }) => {
    const { advance, set, ...others } = record('body', body, ['advance', 'set'])
    if ((advance === undefined) === (set === undefined)) refuse('body', others, 'advance or set')
    if (advance !== undefined) controls.advance(advance as number | string)
    else controls.setTime(timeOf('clock.set', set))
    return clock(controls)
  },
  'GET /test/faults': (controls) => controls.faults().map(faultStateJson),
  'POST /test/faults': (controls, { body }) => ({
    ids: (Array.isArray(body) ? body : [body]).map((fault) => controls.addFault(faultOf(fault))),
  }),
  'DELETE /test/faults': (controls) => controls.clearFaults(),
  'DELETE /test/faults/': (controls, { rest }) => controls.removeFault(Number(rest)),
  'GET /test/requests': (controls) => controls.requests(),
  'DELETE /test/requests': (controls) => controls.forgetRequests(),
  'GET /test/items': (controls) => controls.items().map(itemJson),
  'POST /test/items': (controls, { body }) => controls.load(loadedOf(body)),
  'POST /test/clear': (controls) => controls.clear(),
  'GET /test/connections': (controls) => controls.connections(),
  'DELETE /test/connections/': (controls, { rest }) => ({ isDropped: controls.drop(Number(rest)) }),
  'GET /test/statistics': (controls, { query }) => controls.statistics(query.get('group') ?? ''),
  'POST /test/restart': (controls, { body = {} }) => {
    const { items = 'drop' } = record('body', body, ['items'])
    controls.restart(oneOf('items', items, ['keep', 'drop']) === 'keep')
  },
}

function clock(controls: Controls): unknown {
  return { now: new Date(controls.nowMs()).toISOString() }
}

/** The route of a request, and what follows its path. */
export function findRoute(
  method: string,
  path: string,
): { readonly route: Route; readonly rest: string } | undefined {
  const route = ROUTES[`${method} ${path}`]
  if (route !== undefined && !path.endsWith('/')) return { route, rest: '' }
  const slash = path.lastIndexOf('/') + 1
  const parent = ROUTES[`${method} ${path.slice(0, slash)}`]
  return parent === undefined || slash === path.length
    ? undefined
    : { route: parent, rest: path.slice(slash) }
}

/** Whether the path has a route of another method. */
export const isPath = (path: string): boolean =>
  ['GET', 'POST', 'DELETE'].some((method) => findRoute(method, path) !== undefined)
