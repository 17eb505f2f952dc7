import { getJson } from '../api.js'
import * as format from '../data/format.js'
import { bytesOf, decoded, encoded, shown } from '../data/keys.js'
import { element, NO_KEYS, prefixField, prefixForm, table } from '../elements/element.js'
import { ValueViewer } from './value-viewer.js'

/** Keys below a prefix, page by page, and the item that is chosen. */
export class Browser {
  #context
  #prefix = prefixField()
  #note = element('p', { class: 'quiet', role: 'status' })
  #table = table('Keys', COLUMNS)
  #more = element('button', { type: 'button', hidden: true, click: () => this.#list(this.#cursor) }, 'More')
  #viewer = element('div')
  /** @type {(Node | string)[][]} */
  #rows = []
  /** @type {string | undefined} */
  #cursor
  #listing = 0
  /** The bytes that are asked for, percent-encoded. */
  #asked = ''

  /**
   * @param {import('../main.js').Context} context
   * @param {string} prefix
   */
  constructor(context, prefix) {
    this.#context = context
    this.#asked = prefix
    this.#prefix.value = shown(decoded(prefix))
    const search = () => {
      // Text that was not changed still stands for the bytes that it was made of.
      if (this.#prefix.value !== shown(decoded(this.#asked)))
        this.#asked = encoded(new TextEncoder().encode(this.#prefix.value))
      this.#list()
    }
    this.node = element(
      'div',
      {},
      prefixForm(this.#prefix, 'List', search),
      this.#note,
      element('div', { class: 'split' }, element('div', {}, this.#table.node, this.#more), this.#viewer),
    )
    if (context.server.mayList) this.#list()
    else this.node.replaceChildren(NO_KEYS)
  }

  show() {}
  close() {}

  /** @param {string | undefined} [cursor] */
  async #list(cursor) {
    const listing = ++this.#listing
    if (cursor === undefined) this.#rows = []
    this.#note.textContent = 'Listing …'
    try {
      const rest = cursor === undefined ? '' : `&cursor=${cursor}`
      const page = await getJson(`v1/items?prefix=${this.#asked}&limit=${PAGE_COUNT}${rest}`)
      // Another list was asked for meanwhile.
      if (listing !== this.#listing) return
      this.#rows.push(...page.items.map((/** @type {any} */ item) => this.#row(item)))
      this.#cursor = page.cursor ?? undefined
      this.#more.hidden = this.#cursor === undefined
      this.#table.show(this.#rows)
      this.#note.textContent = `${format.counted(this.#rows.length, 'key')}${this.#cursor ? ', and there are more' : ''}. Showing a value counts as a get.`
    } catch (error) {
      this.#note.textContent = error instanceof Error ? error.message : ''
    }
  }

  /** @param {any} item */
  #row({ key, key64, size, bytes, ttl, lastAccess, fetched }) {
    const name = bytesOf(key, key64)
    const button = element(
      'button',
      { type: 'button', class: 'link key', click: () => this.#choose(name) },
      shown(name),
    )
    const idle = format.seconds(Math.max(0, Date.now() / 1000 - lastAccess))
    return [
      button,
      format.bytes(size),
      format.bytes(bytes),
      ttl < 0 ? 'never' : format.seconds(ttl),
      idle,
      fetched ? 'yes' : 'no',
    ]
  }

  /** @param {Uint8Array} key */
  async #choose(key) {
    const viewer = new ValueViewer(key, this.#context.server.mayWrite, () => this.#list())
    this.#viewer.replaceChildren(viewer.node)
    await viewer.load()
    viewer.node.querySelector('h3')?.focus()
  }
}

/** @type {[heading: string, kind?: string][]} */
const COLUMNS = [
  ['key'],
  ['value', 'number'],
  ['memory', 'number'],
  ['expires in', 'number'],
  ['last access', 'number'],
  ['read'],
]
const PAGE_COUNT = 100
