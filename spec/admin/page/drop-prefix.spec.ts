/** The button of the page that drops all items below a prefix. */
import { expect } from 'chai'
import { type AdminServer, useAdmin } from '../../support/admin.js'
import type { Tab } from '../../support/chromium.js'
import { CHROMIUM, needs } from '../../support/peers.js'
import { clickButton, expectClean, openPage, textOf, useChromium, violationsOf } from './page-kit.js'

const BUTTONS = `document.querySelectorAll('.tree button.danger')`
const DIALOG = `document.querySelector('dialog[open]')`

/** The buttons of the tree that are not inside of it. */
const STICKING_OUT = `[...${BUTTONS}].filter((each) =>
  each.getBoundingClientRect().right > document.querySelector('.tree').getBoundingClientRect().right).map((each) => each.ariaLabel)`

const clickDrop = (tab: Tab, name: string): Promise<unknown> =>
  tab.evaluate(`document.querySelector(${JSON.stringify(`[aria-label="drop ${name}"]`)}).click()`)

async function store(admin: AdminServer, keys: readonly string[]): Promise<void> {
  const connection = await admin.connect()
  const lines = keys.map((key) => `set ${key} 0 0 1 noreply\r\n1\r\n`)
  await connection.sendAll(Buffer.from(`${lines.join('')}mn\r\n`, 'latin1'))
  await connection.receive(4)
  connection.close()
}

async function countOf(admin: AdminServer, prefix: string): Promise<number> {
  const { text } = await admin.sendWithToken(`/v1/items?prefix=${prefix}&count=1`)
  return JSON.parse(text).count
}

describe('dropping a prefix on the page', function () {
  this.slow(10_000)
  needs(CHROMIUM)
  const chromium = useChromium()
  const admin = useAdmin({ hasToken: true, adminWrite: true })
  let tab: Tab
  beforeEach(async () => {
    const users = Array.from({ length: 30 }, (_, index) => `user:${index}`)
    await store(admin(), [...users, 'page:a:1', 'page:a:2', 'page:b:1', '\xff<i>:1'])
    tab = await openPage(chromium(), admin(), 'prefixes')
    await tab.until(`${BUTTONS}.length === 3`)
  })
  afterEach(() => expectClean(tab, admin()))

  it('asks first, and the harmless button has the focus', async () => {
    await clickDrop(tab, 'user:')
    await tab.until(DIALOG)
    expect(await textOf(tab, 'dialog[open]')).to.match(
      /^Drop all items below this prefix\? There were 30 items\.\s+user:/,
    )
    for (const [scheme, width] of [
      ['dark', 1280],
      ['light', 360],
    ] as const) {
      await tab.look(scheme, width)
      expect(await violationsOf(tab), `${scheme}, ${width}`).to.deep.equal([])
      expect(await tab.evaluate('document.documentElement.scrollWidth - innerWidth')).to.be.at.most(0)
    }
    await tab.press('Enter')
    await tab.until(`${DIALOG} === null`)
    await clickDrop(tab, 'user:')
    await tab.until(DIALOG)
    await tab.press('Escape')
    await tab.until(`${DIALOG} === null`)
    expect(await countOf(admin(), 'user:')).to.equal(30)
  })

  it('drops the items below it, says so, and shows those that are left', async () => {
    await clickDrop(tab, 'user:')
    await clickButton(tab, 'Drop', DIALOG)
    await tab.until(
      `document.querySelector('[role=status][tabindex]').textContent === 'Dropped user:: 30 items when they were counted.'`,
    )
    expect(await tab.evaluate(`document.activeElement.getAttribute('role')`)).to.equal('status')
    expect(await tab.evaluate(`[...${BUTTONS}].map((each) => each.ariaLabel)`)).to.deep.equal([
      'drop page:',
      'drop \\xff<i>:',
    ])
    expect([await countOf(admin(), 'user:'), await countOf(admin(), 'page:')]).to.deep.equal([0, 3])
    expect(await violationsOf(tab)).to.deep.equal([])
  })

  it('drops a branch of a branch, and a prefix that is no text', async () => {
    await tab.evaluate(
      `[...document.querySelectorAll('.branch')].find((each) => each.textContent === 'page:').click()`,
    )
    await tab.until(`${BUTTONS}.length === 5`)
    await tab.look('light', 360)
    expect(await violationsOf(tab)).to.deep.equal([])
    expect(await tab.evaluate('document.documentElement.scrollWidth - innerWidth')).to.be.at.most(0)
    expect(await tab.evaluate(STICKING_OUT)).to.deep.equal([])
    await clickDrop(tab, 'page:a:')
    await clickButton(tab, 'Drop', DIALOG)
    await tab.until(`${BUTTONS}.length === 4`)
    expect(await countOf(admin(), 'page:')).to.equal(1)
    await clickDrop(tab, '\\\\xff<i>:')
    await clickButton(tab, 'Drop', DIALOG)
    await tab.until(`/^Dropped .xff/.test(document.querySelector('[role=status][tabindex]').textContent)`)
    expect([await countOf(admin(), '%ff'), await countOf(admin(), 'user:')]).to.deep.equal([0, 30])
  })
})

for (const [why, options] of [
  ['is read-only', {}],
  ['refuses to flush (-F)', { adminWrite: true, flushEnabled: false }],
] as const)
  describe(`the prefixes of a server that ${why}`, function () {
    this.slow(10_000)
    needs(CHROMIUM)
    const chromium = useChromium()
    const admin = useAdmin({ hasToken: true, ...options })

    it('cannot be dropped on the page', async () => {
      await store(admin(), ['user:1'])
      const tab = await openPage(chromium(), admin(), 'prefixes')
      await tab.until(`document.querySelectorAll('.branch').length === 1`)
      expect(await tab.evaluate(`${BUTTONS}.length`)).to.equal(0)
      expectClean(tab, admin())
    })
  })
