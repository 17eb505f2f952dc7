/** Starts the page: one loop asks the server, and shows the view that the address names. */
import { forgetToken, getJson, hasToken, Refusal } from './api.js'
import * as format from './data/format.js'
import { latencyFigures } from './data/latency-columns.js'
import { Samples, summed } from './data/samples.js'
import { element } from './elements/element.js'
import { Browser } from './views/browser.js'
import { Changes } from './views/changes.js'
import { Connections } from './views/connections.js'
import { HotKeys } from './views/hot-keys.js'
import { Overview } from './views/overview.js'
import { Prefixes } from './views/prefixes.js'

/**
 * What all views share.
 *
 * @typedef {{ samples: Samples, server: any }} Context
 * @typedef {{ node: HTMLElement, show(): void, close(): void, refresh?(): Promise<void> }} View
 */

/** @type {Record<string, [title: string, open: { new (context: Context, rest: string): View, interval?: number }]>} */
const VIEWS = {
  overview: ['Overview', Overview],
  connections: ['Connections', Connections],
  hotkeys: ['Hot keys', HotKeys],
  prefixes: ['Prefixes', Prefixes],
  keys: ['Keys', Browser],
  changes: ['Changes', Changes],
}

/** @type {Context} */
const context = { samples: new Samples(), server: undefined }
const main = byId('main')
const notice = byId('notice')
const forget = /** @type {HTMLButtonElement} */ (byId('forget'))
/** @type {View | undefined} */
let view
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer

function openView() {
  const [name, rest] = addressed()
  const [title, Opened] = /** @type {NonNullable<typeof VIEWS[string]>} */ (VIEWS[name])
  view?.close()
  view = new Opened(context, rest)
  main.replaceChildren(element('h2', {}, title), view.node)
  document.title = `${title} – keepcached`
  for (const link of document.querySelectorAll('nav a')) {
    if (link.getAttribute('href') === `#${name}`) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  look()
}

/** Asks the server, shows what it answers, and comes again. A tab that is not seen asks nothing. */
async function look() {
  clearTimeout(timer)
  if (document.hidden) return
  const looking = view
  try {
    await Promise.all([lookAtHistory(), looking?.refresh?.()])
    notice.textContent = ''
  } catch (error) {
    notice.textContent =
      error instanceof Refusal ? error.message : 'The server does not answer; asking again.'
  }
  if (looking !== view) return
  looking?.show()
  forget.hidden = !hasToken()
  clearTimeout(timer)
  timer = setTimeout(look, VIEWS[addressed()[0]]?.[1].interval ?? INTERVAL_MS)
}

async function lookAtHistory() {
  const { server, time, figures, latency } = await getJson(`v1/history?since=${context.samples.latest}`)
  context.server = server
  const columns = Object.entries({ ...figures, ...latencyFigures(latency) })
  context.samples.add(
    summed(time),
    Object.fromEntries(columns.map(([name, column]) => [name, summed(column)])),
  )
  const workers = server.workers === 1 ? '1 worker' : `${server.workers} workers`
  byId('server').textContent =
    `${server.listening.join(', ')} · ${workers} · up ${format.seconds(server.uptime)}${server.mayWrite ? '' : ' · read-only'}`
}

/** The view in the address, and what is behind its name. @returns {[name: string, rest: string]} */
function addressed() {
  const [, name = '', rest = ''] = /^#([a-z]+)\/?(.*)$/.exec(location.hash) ?? []
  return Object.hasOwn(VIEWS, name) ? [name, rest] : ['overview', '']
}

/** @param {string} id */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id))
}

async function start() {
  const links = Object.entries(VIEWS).map(([name, [title]]) =>
    element('li', {}, element('a', { href: `#${name}` }, title)),
  )
  byId('views').append(...links)
  forget.addEventListener('click', () => {
    forgetToken()
    location.reload()
  })
  while (context.server === undefined) {
    try {
      await lookAtHistory()
    } catch (error) {
      notice.textContent =
        error instanceof Refusal ? error.message : 'The server does not answer; asking again.'
      await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS))
    }
  }
  addEventListener('hashchange', openView)
  document.addEventListener('visibilitychange', look)
  openView()
}

const INTERVAL_MS = 2000

start()
