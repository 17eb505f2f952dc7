/** The page of the admin listener in a browser: its token, and keys and values that attack it. */
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { TOKEN, useAdmin } from '../../support/admin.js'
import { CHROMIUM, needs } from '../../support/peers.js'
import { withHotKey } from './hot-key-stub.js'
import { clickButton, expectClean, openPage, show, textOf, useChromium } from './page-kit.js'

/** Each would run or change something if it were taken for HTML, for an address, or for a name of JavaScript's own. */
const HOSTILE = [
  `<img/src=x:/onerror=pwned=1>`,
  `"><script>pwned=1</script>`,
  `<svg/onload=pwned=1>:x`,
  `javascript:pwned=1`,
  `__proto__`,
  `constructor:prototype`,
  `%3Cscript%3Epwned=1%3C/script%3E`,
  `../../metrics`,
  `a?b#c&d`,
  `\u202egnp.exe`,
  `'-pwned=1-'`,
  `\${pwned=1}`,
]
const VALUE = `<img src=x onerror=pwned=1><script>pwned=1</script>`

describe('the token on the page', function () {
  this.slow(10_000)
  needs(CHROMIUM)
  const chromium = useChromium()
  const admin = useAdmin({ hasToken: true })

  it('is asked for, kept by this tab alone, and forgotten', async () => {
    const tab = await chromium().open()
    await tab.goTo(`${admin().server.adminUri}/`)
    const enter = async (token: string): Promise<void> => {
      await tab.until(`document.querySelector('#ask[open]')`)
      await tab.type(token)
      await tab.press('Enter')
    }
    await enter('a-wrong-token-of-the-specs')
    await tab.until(`/refused this token/.test(document.getElementById('ask-error').textContent)`)
    await enter(TOKEN)
    await tab.until(`document.querySelector('.tile')`)
    const places = `[document.cookie, localStorage.length, location.href.includes('${TOKEN}'), Object.values(sessionStorage)]`
    expect(await tab.evaluate(places)).to.deep.equal(['', 0, false, [TOKEN]])
    expect(tab.requested.filter((url) => url.includes(TOKEN))).to.deep.equal([])
    await clickButton(tab, 'Forget token')
    await tab.until(`document.querySelector('#ask[open]') && sessionStorage.length === 0`)
  })
})

describe('keys and values that attack the page', function () {
  this.slow(10_000)
  needs(CHROMIUM)
  const chromium = useChromium()
  const admin = useAdmin({ hasToken: true, adminWrite: true, changes: 1024 * 1024 })

  async function store(key: string, value: string | Buffer = VALUE): Promise<void> {
    const bytes = Buffer.from(value)
    const path = `/v1/items/${encodeURIComponent(key)}`
    expect((await admin().sendWithToken(path, { method: 'PUT', body: bytes })).status).to.equal(204)
  }

  const shownOf = (key: string): string => key.replace('\u202e', '\\u{202e}')

  before(async () => {
    for (const key of HOSTILE) await store(key)
  })

  it('are text in every view', async () => {
    const tab = await openPage(chromium(), admin(), 'changes', withHotKey(HOSTILE[0]!))
    await tab.until(`/Following/.test(document.querySelector('main').innerText)`)
    for (const key of HOSTILE) await store(key)
    await tab.until(`document.querySelectorAll('tbody .key').length >= ${HOSTILE.length}`)
    const views: Record<string, string> = { changes: await textOf(tab) }
    await show(tab, 'keys', 'Keys')
    await tab.until(`document.querySelectorAll('button.link').length >= ${HOSTILE.length}`)
    views['keys'] = await textOf(tab)
    for (const [name, text] of Object.entries(views))
      for (const key of HOSTILE) expect(text, name).to.include(shownOf(key))
    await show(tab, 'hotkeys', 'Hot keys')
    await tab.until(`document.querySelector('.fill')`)
    expect(await textOf(tab))
      .to.include(HOSTILE[0])
      .and.include('\\xff')
    await show(tab, 'prefixes', 'Prefixes')
    await tab.until(`document.querySelectorAll('.branch').length >= 3`)
    expect(await textOf(tab)).to.include('<svg/onload=pwned=1>:')
    expect(
      await tab.evaluate(
        `[typeof pwned, document.querySelectorAll('main :is(img, script, svg, iframe)').length]`,
      ),
    ).to.deep.equal(['undefined', 0])
    expectClean(tab, admin())
  })

  it('are read, and shown as text', async () => {
    const tab = await openPage(chromium(), admin(), 'keys')
    for (const key of HOSTILE) {
      await clickButton(tab, shownOf(key))
      await tab.until(`document.querySelector('.panel h3')?.textContent === ${JSON.stringify(shownOf(key))} &&
        document.querySelector('.value')?.textContent === ${JSON.stringify(VALUE)}`)
    }
    expect(await tab.evaluate('typeof pwned')).to.equal('undefined')
    expectClean(tab, admin())
  })

  it('cannot make the browser ask for something else', async () => {
    const connection = await admin().connect()
    await connection.sendAll(Buffer.from('set .. 0 0 1\r\n1\r\n'))
    const tab = await openPage(chromium(), admin(), 'keys')
    await clickButton(tab, '..')
    await tab.until(`/A browser cannot ask/.test(document.querySelector('main').innerText)`)
    expectClean(tab, admin())
    connection.close()
  })

  it('would be stopped by the policy of the page', async () => {
    const tab = await openPage(chromium(), admin(), 'keys')
    const attempts = [
      `document.body.innerHTML = '<b>'`,
      `new Image().src = 'http://127.0.0.1:1/'`,
      `document.head.append(Object.assign(document.createElement('style'), { textContent: 'main { display: none }' }))`,
    ]
    const failed = await tab.evaluate(`(() => { try { ${attempts[0]} } catch { return true } })()`)
    expect(failed).to.equal(true)
    for (const attempt of attempts.slice(1)) await tab.evaluate(`void (${attempt})`)
    expect(await tab.evaluate(`getComputedStyle(document.querySelector('main')).display`)).to.equal('block')
    expect(tab.errors.join('\n'))
      .to.match(/Trusted/)
      .and.match(/img-src/)
      .and.match(/style-src/)
  })

  it('are shown in the form that suits them', async () => {
    await store('form:json', '{"b":[1,2]}')
    await store('form:gzip', gzipSync('{"zipped":true}'))
    await store('form:bytes', Buffer.from([0, 255, 1]))
    const tab = await openPage(chromium(), admin(), 'keys/form%3a')
    const wanted = {
      'form:json': '"b": [',
      'form:gzip': '"zipped": true',
      'form:bytes': '00000000  00 ff 01',
    }
    for (const [key, text] of Object.entries(wanted)) {
      await clickButton(tab, key)
      await tab.until(`document.querySelector('.value')?.textContent.includes(${JSON.stringify(text)})`)
    }
    expectClean(tab, admin())
  })

  it('are changed and deleted where the server allows it, unless somebody else was first', async () => {
    await store('edit:me', 'before')
    const tab = await openPage(chromium(), admin(), 'keys/edit%3a')
    await clickButton(tab, 'edit:me')
    await clickButton(tab, 'Edit')
    await tab.evaluate(`void (document.querySelector('textarea').value = 'after')`)
    await clickButton(tab, 'Save')
    await tab.until(`/Saved/.test(document.querySelector('main').innerText)`)
    expect((await admin().sendWithToken('/v1/items/edit%3ame')).text).to.equal('after')
    await clickButton(tab, 'Edit')
    await store('edit:me', 'by another')
    await clickButton(tab, 'Save')
    await tab.until(`/the item has another cas/.test(document.querySelector('main').innerText)`)
    await clickButton(tab, 'Cancel')
    await clickButton(tab, 'Delete')
    await tab.until(`document.querySelector('dialog[open]')`)
    // The harmless button has the focus.
    await tab.press('Enter')
    await tab.until(`document.querySelector('dialog[open]') === null`)
    expect((await admin().sendWithToken('/v1/items/edit%3ame')).text).to.equal('by another')
    await clickButton(tab, 'Delete')
    await tab.until(`document.querySelector('dialog[open]')`)
    await clickButton(tab, 'Delete', `document.querySelector('dialog[open]')`)
    await tab.until(`/Deleted/.test(document.querySelector('main').innerText)`)
    expect((await admin().sendWithToken('/v1/items/edit%3ame')).status).to.equal(404)
  })
})
