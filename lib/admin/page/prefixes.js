import { getJson } from './api.js'
import { bar, element, NO_KEYS } from './element.js'
import * as format from './format.js'
import { bytesOf, encoded, shown } from './keys.js'

/** Which prefixes use the memory: a tree, whose branches are counted when they are opened. */
export class Prefixes {
  #delimiter = element('input', { id: 'delimiter', size: 2, maxlength: 1, required: true })
  #note = element('p', { class: 'quiet', role: 'status' })
  #tree = element('div', { class: 'tree' })

  /** @param {import('./main.js').Context} context */
  constructor({ server }) {
    this.#delimiter.value = server.delimiter
    const start = (/** @type {Event} */ event) => {
      event.preventDefault()
      this.#count()
    }
    this.node = element(
      'div',
      {},
      element(
        'form',
        { class: 'row', submit: start },
        element('label', { for: 'delimiter' }, 'A prefix ends with'),
        this.#delimiter,
        element('button', { type: 'submit' }, 'Count again'),
      ),
      this.#note,
      this.#tree,
    )
    if (server.mayList) this.#count()
    else this.node.replaceChildren(NO_KEYS)
  }

  show() {}
  close() {}

  async #count() {
    await this.#open(this.#tree, new Uint8Array())
  }

  /**
   * Shows what is below a prefix.
   *
   * @param {HTMLElement} place
   * @param {Uint8Array} prefix
   * @param {number} [whole] the bytes that shares are of
   */
  async #open(place, prefix, whole) {
    this.#note.textContent = 'Counting all items …'
    try {
      const by = encoded(new TextEncoder().encode(this.#delimiter.value))
      const below = await getJson(`v1/items?prefix=${encoded(prefix)}&by=${by}&limit=${ROW_COUNT_MAX}`)
      const { prefixes, here, others } = below
      const sum = [...prefixes, here, others].reduce((total, { bytes }) => total + bytes, 0)
      const rows = prefixes.map((/** @type {any} */ group) => this.#branch(group, whole ?? sum))
      for (const [name, group] of [
        ['keys without a further prefix', here],
        ['other prefixes', others],
      ])
        if (group.count > 0)
          rows.push(element('li', {}, row(element('span', { class: 'quiet' }, name), group, whole ?? sum)))
      place.replaceChildren(
        element('ul', {}, ...(rows.length > 0 ? rows : [element('li', { class: 'quiet' }, 'no items')])),
      )
      this.#note.textContent = whole === undefined ? `${format.bytes(sum)} in all.` : ''
    } catch (error) {
      this.#note.textContent = error instanceof Error ? error.message : ''
    }
  }

  /**
   * @param {{ prefix?: string, prefix64?: string, count: number, bytes: number }} group
   * @param {number} whole
   */
  #branch(group, whole) {
    const prefix = bytesOf(group.prefix, group.prefix64)
    const below = element('div')
    const toggle = () => {
      const isOpen = button.getAttribute('aria-expanded') === 'true'
      button.setAttribute('aria-expanded', String(!isOpen))
      if (isOpen) below.replaceChildren()
      else this.#open(below, prefix, whole)
    }
    const button = element(
      'button',
      { type: 'button', class: 'branch key', 'aria-expanded': 'false', click: toggle },
      shown(prefix),
    )
    const list = element(
      'a',
      { href: `#keys/${encoded(prefix)}`, 'aria-label': `keys below ${shown(prefix)}` },
      'keys',
    )
    return element('li', {}, row(button, group, whole, list), below)
  }
}

/**
 * @param {Node} name
 * @param {{ count: number, bytes: number }} group
 * @param {number} whole
 * @param {Node | string} link
 */
function row(name, { count, bytes }, whole, link = '') {
  return element(
    'div',
    { class: 'tree-row' },
    name,
    element('span', { class: 'number' }, format.counted(count, 'item')),
    element('span', { class: 'number' }, format.bytes(bytes)),
    element('span', { class: 'number percent' }, format.percent(whole === 0 ? 0 : bytes / whole)),
    bar(whole === 0 ? 0 : bytes / whole),
    element('span', {}, link),
  )
}

const ROW_COUNT_MAX = 50
