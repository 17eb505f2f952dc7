import { getJson } from '../api.js'
import * as format from '../data/format.js'
import { bytesOf, encoded, shown } from '../data/keys.js'
import { bar, choice, element, NO_KEYS, table } from '../elements/element.js'

/** The keys and prefixes with the most reads, writes or bytes. */
export class HotKeys {
  static interval = 3000
  #mayList
  #by = 'reads'
  #window = '10s'
  /** @type {any} */
  #figures
  #note = element('p', { class: 'quiet' })
  #keys = table('Keys', COLUMNS)
  #prefixes = table('Prefixes', COLUMNS)

  /** @param {import('../main.js').Context} context */
  constructor({ server }) {
    this.#mayList = server.mayList
    this.#note.textContent = server.mayList ? '' : NO_KEYS
    const choices = element(
      'div',
      { class: 'choices' },
      choice(
        'By',
        [
          ['reads', 'reads'],
          ['writes', 'writes'],
          ['bytes', 'bytes'],
        ],
        this.#by,
        (by) => {
          this.#by = by
          this.show()
        },
      ),
      choice(
        'Over',
        [
          ['10s', 'ten seconds'],
          ['minute', 'a minute'],
          ['start', 'all, since the start'],
        ],
        this.#window,
        (window) => {
          this.#window = window
          this.show()
        },
      ),
    )
    this.node = element(
      'div',
      {},
      choices,
      this.#note,
      element('div', { class: 'grid' }, this.#keys.node, this.#prefixes.node),
    )
  }

  async refresh() {
    if (this.#mayList) this.#figures = await getJson('v1/hotkeys')
  }

  show() {
    const isThere = this.#figures !== undefined
    for (const { node } of [this.#keys, this.#prefixes]) node.hidden = !isThere
    if (!isThere) return
    const window = this.#window === 'start' ? this.#figures : this.#figures[this.#window]
    const { keys, prefixes } = window[this.#by]
    this.#note.textContent = `Over ${format.seconds(window.seconds)}. Counts are estimates from samples; bars compare with the hottest.`
    this.#keys.show(rows(keys, this.#by))
    this.#prefixes.show(rows(prefixes, this.#by))
  }

  close() {}
}

/**
 * @param {any[]} entries
 * @param {string} by
 */
function rows(entries, by) {
  const most = entries[0]?.count ?? 1
  return entries.map(({ key, key64, count }) => {
    const bytes = bytesOf(key, key64)
    const link = element('a', { class: 'key', href: `#keys/${encoded(bytes)}` }, shown(bytes))
    return [link, by === 'bytes' ? format.bytes(count) : format.count(count), bar(count / most)]
  })
}

/** @type {[heading: string, kind?: string][]} */
const COLUMNS = [['name'], ['count', 'number'], ['share', 'share']]
