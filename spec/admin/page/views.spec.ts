/** The page of the admin listener in a browser: each view, under load, in light and dark, wide and narrow. */
import { expect } from 'chai'
import { useAdmin } from '../../support/admin.js'
import type { Tab } from '../../support/chromium.js'
import { CHROMIUM, needs } from '../../support/peers.js'
import { withHotKey } from './hot-key-stub.js'
import {
  clickButton,
  expectClean,
  openPage,
  show,
  startLoad,
  textOf,
  useChromium,
  violationsOf,
} from './page-kit.js'

/** Its title, and what is true once it shows something. */
const VIEWS: readonly (readonly [hash: string, title: string, isShown: string])[] = [
  ['overview', 'Overview', `document.querySelectorAll('.uplot canvas').length === 6`],
  ['connections', 'Connections', `/\\bread\\b/.test(document.querySelector('tbody').innerText)`],
  ['hotkeys', 'Hot keys', `document.querySelectorAll('.fill').length > 2`],
  ['prefixes', 'Prefixes', `document.querySelectorAll('.branch').length === 2`],
  ['keys', 'Keys', `document.querySelectorAll('button.link').length > 50`],
  ['changes', 'Changes', `document.querySelectorAll('tbody .key').length > 50`],
]

describe('the page under load', function () {
  this.slow(10_000)
  needs(CHROMIUM)
  const chromium = useChromium()
  const admin = useAdmin({ hasToken: true, adminWrite: true, changes: 1024 * 1024, memoryMegabytes: 8 })
  let stopLoad: () => void = () => undefined
  let tab: Tab
  before(async () => {
    stopLoad = startLoad(admin())
    tab = await openPage(chromium(), admin(), 'overview', withHotKey('user:7:name'))
  })
  after(() => stopLoad())
  afterEach(() => expectClean(tab, admin()))

  it('is transferred in less than 80 kB', async () => {
    await tab.until(`document.querySelector('.tile dd').textContent !== '–'`)
    expect(tab.receivedLength).to.be.within(10_000, 80_000)
  })

  it('shows rates, hits, memory and connections of this moment', async () => {
    // On a busy machine the load may not have begun by the first sample.
    await tab.until(`/^[^0].*\\/s$/.test(document.querySelector('.tile dd').textContent)`)
    await tab.until(`/Hit ratio\\s+[\\d.]+ %/.test(document.querySelector('.tiles').innerText)`)
    const tiles = await textOf(tab, '.tiles')
    expect(tiles).to.match(/Requests\s+[\d.]+k?\/s/)
    expect(tiles).to.match(/Hit ratio\s+[\d.]+ %/)
    expect(tiles).to.match(/Memory\s+[\d.]+ [KM]iB\s+of 8 MiB/)
    expect(tiles).to.match(/Connections\s+1\s+of 1\.02k/)
    const charts = await tab.evaluate<string[]>(
      `[...document.querySelectorAll('.plot[role=img]')].map((each) => each.ariaLabel)`,
    )
    expect(charts[0]).to.match(/^Requests: get hits [\d.]+k?\/s, get misses [\d.]+k?\/s, sets/)
    expect(charts.join('\n')).to.match(/Memory by state of segments: free .*iB, items .*iB, index .*iB/)
  })

  it('shows latency as a heat map', async () => {
    await tab.until(`/from \\d.* to \\d.*s$/.test(document.querySelector('.plot > canvas').ariaLabel)`)
    const isPainted = `(() => {
      const canvas = document.querySelector('.plot > canvas')
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
      let heated = 0
      for (let at = 0; at < data.length; at += 4) if (data[at] > 150 && data[at + 2] < 60) heated++
      return heated > 20
    })()`
    await tab.until(isPainted)
    expect(await textOf(tab)).to.match(/get\s+hit\s+[\d.]+k?\s+[\d.]+ µs/)
  })

  for (const [hash, title, isShown] of VIEWS)
    it(`has no barrier and fits the screen: ${title}`, async () => {
      await show(tab, hash, title)
      await tab.until(isShown)
      for (const [scheme, width] of [
        ['light', 1280],
        ['dark', 1280],
        ['light', 360],
      ] as const) {
        await tab.look(scheme, width)
        expect(await violationsOf(tab), `${scheme}, ${width}`).to.deep.equal([])
        expect(await tab.evaluate('document.documentElement.scrollWidth - innerWidth')).to.be.at.most(0)
      }
      await tab.look('light', 1280)
    })

  it('follows changes below a prefix, and pauses', async () => {
    await show(tab, 'changes', 'Changes')
    await tab.evaluate(`document.getElementById('prefix').value = 'user:'`)
    await clickButton(tab, 'Follow')
    await tab.until(
      `/user:/.test(document.querySelector('tbody').innerText) && !/page:/.test(document.querySelector('tbody').innerText)`,
    )
    await clickButton(tab, 'Pause')
    const first = `document.querySelector('tbody tr').innerText`
    const paused = await tab.evaluate<string>(first)
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect(await tab.evaluate(first)).to.equal(paused)
    await clickButton(tab, 'Continue')
    await tab.until(`${first} !== ${JSON.stringify(paused)}`)
  })

  it('opens the tree of prefixes, and the keys below one', async () => {
    await show(tab, 'prefixes', 'Prefixes')
    await tab.until(`document.querySelectorAll('.branch').length === 2`)
    await tab.evaluate(`document.querySelector('.branch').click()`)
    await tab.until(`document.querySelectorAll('.branch').length > 10`)
    expect(await textOf(tab, '.tree')).to.match(/user:\s+[\d.]+k? items\s+[\d.]+ [KM]iB\s+[\d.]+ %\s+keys/)
    await tab.evaluate(`document.querySelector('.branch').click()`)
    await tab.until(`document.querySelectorAll('.branch').length === 2`)
    await tab.evaluate(`document.querySelector('.tree a').click()`)
    await tab.until(`document.querySelectorAll('button.link').length > 50`)
    const prefix = await tab.evaluate<string>(`document.getElementById('prefix').value`)
    const keys = await tab.evaluate<string[]>(
      `[...document.querySelectorAll('button.link')].map((each) => each.textContent)`,
    )
    expect(prefix).to.match(/^(user|page):$/)
    for (const key of keys) expect(key.startsWith(prefix)).to.equal(true)
    await clickButton(tab, 'More')
    await tab.until(`document.querySelectorAll('button.link').length > ${keys.length}`)
  })

  it('is used by keyboard: views, choices, the tree', async () => {
    const focused = (): Promise<string> => tab.evaluate('document.activeElement.textContent')
    await tab.evaluate(`void (document.activeElement.blur(), getSelection().removeAllRanges())`)
    await show(tab, 'overview', 'Overview')
    await tab.evaluate(`document.querySelector('.skip').focus()`)
    const names: string[] = []
    for (let count = 0; count < 5; count++) {
      await tab.press('Tab')
      names.push(await focused())
    }
    expect(names).to.deep.equal(['Forget token', 'Overview', 'Connections', 'Hot keys', 'Prefixes'])
    await tab.press('Enter')
    await tab.until(`document.querySelectorAll('.branch').length === 2`)
    while (!(await tab.evaluate(`document.activeElement.matches('.branch')`))) await tab.press('Tab')
    await tab.press(' ')
    await tab.until(`document.querySelector('.branch').ariaExpanded === 'true'`)
    await show(tab, 'hotkeys', 'Hot keys')
    await tab.until(`document.querySelector('.fill')`)
    await tab.evaluate(`document.querySelector('.choice input').focus()`)
    await tab.press('ArrowRight')
    await tab.until(`/none/.test(document.querySelector('tbody').innerText)`)
  })
})

describe('the page of a server that may not be changed', function () {
  this.slow(10_000)
  needs(CHROMIUM)
  const chromium = useChromium()
  const admin = useAdmin({ hasToken: true })

  it('offers nothing that would be refused', async () => {
    const connection = await admin().connect()
    await connection.sendAll(Buffer.from('set a 0 0 1\r\n1\r\n'))
    const tab = await openPage(chromium(), admin(), 'keys')
    expect(await textOf(tab, '#server')).to.match(/ · read-only$/)
    await clickButton(tab, 'a')
    await tab.until(`document.querySelector('.value')?.textContent === '1'`)
    expect(await textOf(tab)).to.not.match(/Edit|Delete/)
    await show(tab, 'changes', 'Changes')
    expect(await textOf(tab)).to.include('Not available: start the server with --changes')
    expectClean(tab, admin())
    connection.close()
  })

  it('says that the server does not answer, and goes on when it does', async () => {
    const failing = `{ const ask = window.fetch; window.fetch = (url, options) =>
      window.isDown ? Promise.reject(new TypeError('Failed to fetch')) : ask(url, options) }`
    const tab = await openPage(chromium(), admin(), 'overview', failing)
    await tab.evaluate('void (window.isDown = true)')
    await tab.until(`/does not answer/.test(document.getElementById('notice').textContent)`)
    await tab.evaluate('void (window.isDown = false)')
    await tab.until(`document.getElementById('notice').textContent === ''`)
    expectClean(tab, admin())
  })
})

describe('the page of a server that lists no keys', function () {
  this.slow(10_000)
  needs(CHROMIUM)
  const chromium = useChromium()
  const admin = useAdmin({ hasToken: true, dumpEnabled: false })

  it('says so, and asks for none', async () => {
    const tab = await openPage(chromium(), admin())
    for (const [hash, title] of [
      ['hotkeys', 'Hot keys'],
      ['prefixes', 'Prefixes'],
      ['keys', 'Keys'],
    ] as const) {
      await show(tab, hash, title)
      expect(await textOf(tab), title).to.include('Not available: this server lists no keys (-X).')
    }
    expectClean(tab, admin())
  })
})
