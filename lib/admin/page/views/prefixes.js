import { getJson, send } from '../api.js'
import * as format from '../data/format.js'
import { bytesOf, encoded, shown } from '../data/keys.js'
import { confirmed } from '../elements/confirm.js'
import { bar, element, NO_KEYS } from '../elements/element.js'

/**
 * Which prefixes use the memory: a tree, whose branches are counted when they are opened. Where changes are allowed, the items of a
 * prefix can be dropped.
 */
export class Prefixes {
  #delimiter = element('input', { id: 'delimiter', size: 2, maxlength: 1, required: true })
  #note = element('p', { class: 'quiet', role: 'status', tabindex: -1 })
  #tree = element('div', { class: 'tree' })
  #mayDrop

  /** @param {import('../main.js').Context} context */
  constructor({ server }) {
    this.#delimiter.value = server.delimiter
    this.#mayDrop = server.mayFlush
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
      const recount = () => this.#open(place, prefix, whole)
      const rows = prefixes.map((/** @type {any} */ group) => this.#branch(group, whole ?? sum, recount))
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
   * @param {() => Promise<void>} recount shows the list anew that the branch is in
   */
  #branch(group, whole, recount) {
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
    const drop = element(
      'button',
      {
        type: 'button',
        class: 'danger',
        'aria-label': `drop ${shown(prefix)}`,
        click: () => this.#drop(prefix, group.count, recount),
      },
      'drop',
    )
    return element('li', {}, row(button, group, whole, list, ...(this.#mayDrop ? [drop] : [])), below)
  }

  /**
   * @param {Uint8Array} prefix
   * @param {number} count
   * @param {() => Promise<void>} recount
   */
  async #drop(prefix, count, recount) {
    const question = `Drop all items below this prefix? There were ${format.counted(count, 'item')}.`
    if (!(await confirmed({ question, subject: prefix, act: 'Drop' }))) return
    try {
      await send(`v1/items?prefix=${encoded(prefix)}`, { method: 'DELETE' })
      await recount()
      this.#note.textContent = `Dropped ${shown(prefix)}: ${format.counted(count, 'item')} when they were counted.`
    } catch (error) {
      this.#note.textContent = error instanceof Error ? error.message : ''
    }
    // The button that had the focus is gone.
    this.#note.focus()
  }
}

/**
 * @param {Node} name
 * @param {{ count: number, bytes: number }} group
 * @param {number} whole
 * @param {...Node} actions
 */
function row(name, { count, bytes }, whole, ...actions) {
  return element(
    'div',
    { class: 'tree-row' },
    name,
    element('span', { class: 'number' }, format.counted(count, 'item')),
    element('span', { class: 'number' }, format.bytes(bytes)),
    element('span', { class: 'number percent' }, format.percent(whole === 0 ? 0 : bytes / whole)),
    bar(whole === 0 ? 0 : bytes / whole),
    element('span', { class: 'actions' }, ...actions),
  )
}

const ROW_COUNT_MAX = 50
