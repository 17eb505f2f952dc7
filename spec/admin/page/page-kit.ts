import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { type AdminServer, TOKEN } from '../../support/admin.js'
import { Chromium, type Tab } from '../../support/chromium.js'
import { ROOT } from '../../testing/programs.js'

/** One browser for all specs of a suite. */
export function useChromium(): () => Chromium {
  let chromium: Chromium | undefined
  before(() => {
    chromium = Chromium.start()
  })
  after(() => chromium?.stop())
  return () => chromium!
}

/** A tab with the page of a server, which has the token. The script runs before those of the page. */
export async function openPage(chromium: Chromium, admin: AdminServer, hash = '', script = ''): Promise<Tab> {
  const tab = await chromium.open()
  const source = `sessionStorage.setItem('keepcached-token', '${TOKEN}');${script}`
  await tab.send('Page.addScriptToEvaluateOnNewDocument', { source })
  await tab.look('light', 1280)
  await tab.goTo(`${admin.server.adminUri}/#${hash}`)
  await tab.until(`document.querySelector('main h2')`)
  return tab
}

/** Shows another view. */
export async function show(tab: Tab, hash: string, title: string): Promise<void> {
  await tab.evaluate(`void (location.hash = ${JSON.stringify(hash)})`)
  await tab.until(`document.querySelector('main h2')?.textContent === ${JSON.stringify(title)}`)
}

/** All that is seen of the view. */
export const textOf = (tab: Tab, selector = 'main'): Promise<string> =>
  tab.evaluate(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ''`)

export const click = (tab: Tab, selector: string): Promise<unknown> =>
  tab.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`)

/** Clicks the button with this text. */
export async function clickButton(tab: Tab, text: string, inside = 'document'): Promise<void> {
  const button = `[...${inside}.querySelectorAll('button')].find((each) => each.textContent === ${JSON.stringify(text)})`
  await tab.until(button)
  await tab.evaluate(`${button}.click()`)
}

/** What axe finds wrong with the page as it is shown. */
export async function violationsOf(tab: Tab): Promise<string[]> {
  if (!(await tab.evaluate('"axe" in window'))) await tab.evaluate(`${AXE};0`)
  return tab.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target + ' ' + failureSummary)))`)
}

/** Nothing went wrong in the tab, and it asked nobody but the server. */
export function expectClean(tab: Tab, admin: AdminServer): void {
  expect(tab.errors).to.deep.equal([])
  expect(tab.requested.length).to.be.above(10)
  for (const url of tab.requested) expect(url.startsWith(`${admin.server.adminUri}/`), url).to.equal(true)
}

/** Gets, sets and deletes, until it is stopped. */
export function startLoad(admin: AdminServer): () => void {
  const socket = connect(admin.server.port, '127.0.0.1').on('error', () => undefined)
  socket.resume()
  let turn = 0
  const send = (): void => {
    let lines = ''
    for (let count = 0; count < 50; count++) {
      const key = `${['user', 'page'][turn % 2]}:${turn % 40}:${count}`
      lines += `get ${key}\r\nset ${key} 0 600 400 noreply\r\n${'v'.repeat(400)}\r\nget ${key}\r\n`
      if (count % 10 === 0) lines += `delete ${key} noreply\r\n`
    }
    turn++
    socket.write(lines)
  }
  send()
  const timer = setInterval(send, 100)
  return () => {
    clearInterval(timer)
    socket.destroy()
  }
}

const AXE = readFileSync(join(ROOT, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8')
