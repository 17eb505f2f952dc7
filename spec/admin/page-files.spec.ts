/** The files of the page: how they are served, and what must not be in them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import { useAdmin } from '../support/admin.js'
import { ROOT } from '../testing/programs.js'

const SOURCE = join(ROOT, 'lib', 'admin', 'page')
const NAMES = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((name) =>
  /\.(html|css|js|svg)$/.test(name),
)
const textOf = (name: string): string => readFileSync(join(SOURCE, name), 'utf8')
const GZIP = { headers: { 'accept-encoding': 'gzip, deflate, br' } }

describe('the files of the page', () => {
  const admin = useAdmin({ hasToken: true })

  it('need no token, and are served as what they are', async () => {
    const types = { html: 'text/html', css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' }
    for (const name of [...NAMES, 'uplot.js', 'uplot.css']) {
      const { status, headers, text } = await admin().send(name === 'index.html' ? '/' : `/page/${name}`)
      expect(status, name).to.equal(200)
      expect(String(headers['content-type']).split(';')[0], name).to.equal(types[name.split('.')[1] as 'js'])
      if (NAMES.includes(name)) expect(text, name).to.equal(textOf(name))
    }
    expect(NAMES.length).to.be.above(15)
  })

  it('may run only what this server sends, and parse no text as HTML', async () => {
    const { headers } = await admin().send('/')
    const policy = String(headers['content-security-policy']).split('; ')
    expect(policy).to.include.members([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
    ])
    expect(headers['content-security-policy']).to.not.match(/unsafe|\*|https?:|data:/)
    expect((await admin().send('/page/main.js')).headers['content-security-policy']).to.equal(
      "default-src 'none'; sandbox",
    )
    expect(headers).to.include({ 'referrer-policy': 'no-referrer' })
    expect(headers).to.not.have.property('set-cookie')
  })

  it('are asked for again, and sent only if they have changed', async () => {
    const { headers } = await admin().send('/page/main.js')
    expect(headers['cache-control']).to.equal('no-cache')
    const again = { headers: { 'if-none-match': String(headers['etag']) } }
    const { status, body } = await admin().send('/page/main.js', again)
    expect([status, body.length]).to.deep.equal([304, 0])
    expect((await admin().send('/page/elements/chart.js', again)).status).to.equal(200)
  })

  it('are sent compressed, all in less than 80 kB', async () => {
    let sum = 0
    for (const name of [...NAMES.filter((each) => each !== 'index.html'), 'uplot.js', 'uplot.css']) {
      const { headers, body } = await admin().send(`/page/${name}`, GZIP)
      expect(headers).to.include({ 'content-encoding': 'gzip', vary: 'accept-encoding' })
      if (NAMES.includes(name)) expect(gunzipSync(body).toString(), name).to.equal(textOf(name))
      sum += body.length
    }
    sum += (await admin().send('/', GZIP)).body.length
    expect(sum).to.be.within(20_000, 80_000)
  })

  it('answer HEAD without a body, and no other method', async () => {
    const { status, headers, body } = await admin().send('/', { method: 'HEAD' })
    expect([status, body.length]).to.deep.equal([200, 0])
    expect(headers['content-type']).to.equal('text/html; charset=utf-8')
    expect((await admin().send('/', { method: 'POST' })).status).to.equal(405)
  })

  it('are no way to other files', async () => {
    for (const path of [
      '',
      '..',
      '../page.js',
      '../../package.json',
      '%2e%2e%2fmain.js',
      '/etc/passwd',
      'tsconfig.json',
      'uplot.d.ts',
    ])
      expect((await admin().send(`/page/${path}`)).status, path).to.equal(404)
  })

  it('have the licence of the library in them', async () => {
    expect((await admin().send('/page/uplot.js')).text).to.match(
      /^\/\*!.*MIT License.*Permission is hereby granted/s,
    )
  })

  it('have no script and no style inside of the HTML, and name only files that there are', () => {
    const html = textOf('index.html')
    expect(html).to.not.match(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=/)
    const named = [...html.matchAll(/(?:href|src)="page\/([^"]+)"/g)].map(([, name]) => name!)
    expect(named.length).to.be.above(8)
    expect([...NAMES, 'uplot.js', 'uplot.css']).to.include.members(named)
  })

  it('never make HTML or code of text, and name no other host', () => {
    for (const name of NAMES.filter((each) => /\.(js|html|css)$/.test(each))) {
      const forbidden =
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|setHTML|srcdoc|document\.cookie|localStorage|https?:\/\//
      expect(textOf(name), name).to.not.match(forbidden)
    }
  })
})
