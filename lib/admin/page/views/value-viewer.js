import { send } from '../api.js'
import * as format from '../data/format.js'
import { encoded, isUnreachable, shown } from '../data/keys.js'
import { asHex, asJson, asText, compressionOf, isText, uncompressed } from '../data/value-forms.js'
import { confirmed } from '../elements/confirm.js'
import { choice, element } from '../elements/element.js'

/** One item: its value in the form that suits it, and with `--admin-write` the means to change it. */
export class ValueViewer {
  #key
  #mayWrite
  #onChange
  /** @type {Uint8Array<ArrayBuffer>} */
  #bytes = new Uint8Array()
  #headers = new Headers()
  #output = element('pre', { class: 'value', tabindex: 0, role: 'region', 'aria-label': 'Value' })
  #body = element('div')
  #note = element('p', { role: 'status' })

  /**
   * @param {Uint8Array} key
   * @param {boolean} mayWrite
   * @param {() => void} onChange
   */
  constructor(key, mayWrite, onChange) {
    this.#key = key
    this.#mayWrite = mayWrite
    this.#onChange = onChange
    this.node = element(
      'section',
      { class: 'panel' },
      element('h3', { class: 'key', tabindex: -1 }, shown(key)),
      this.#body,
      this.#note,
    )
  }

  async load() {
    if (isUnreachable(this.#key)) {
      this.#note.textContent =
        'A browser cannot ask for an item with this key. Use keepcached get, or another client.'
      return
    }
    await this.#try(async () => {
      const response = await send(this.#path)
      this.#headers = response.headers
      this.#bytes = new Uint8Array(await response.arrayBuffer())
      await this.#show()
    })
  }

  get #path() {
    return `v1/items/${encoded(this.#key)}`
  }

  async #show() {
    const ttl = Number(this.#headers.get('keepcached-ttl'))
    const facts = [
      format.bytes(this.#bytes.length),
      ttl < 0 ? 'never expires' : `expires in ${format.seconds(ttl)}`,
      `flags ${this.#headers.get('keepcached-flags')}`,
      `cas ${this.#headers.get('keepcached-cas') ?? 'off'}`,
    ]
    const compression = compressionOf(this.#bytes)
    const inner = compression && (await uncompressed(this.#bytes, compression))
    const forms = formsOf(this.#bytes, inner)
    const names = Object.keys(forms).map((name) => /** @type {[string, string]} */ ([name, name]))
    const first = inner ? 'uncompressed' : 'JSON' in forms ? 'JSON' : isText(this.#bytes) ? 'text' : 'hex'
    const show = (/** @type {string} */ name) => {
      this.#output.textContent = forms[name]?.() ?? ''
    }
    show(first)
    const actions = this.#mayWrite ? this.#actions() : []
    this.#body.replaceChildren(
      element('p', { class: 'quiet' }, facts.join(' · ')),
      choice('Shown as', names, first, show),
      this.#output,
      element('div', { class: 'row' }, ...actions),
    )
  }

  #actions() {
    const remove = element(
      'button',
      { type: 'button', class: 'danger', click: () => this.#delete() },
      'Delete',
    )
    if (!isText(this.#bytes) || this.#bytes.length > EDITED_LENGTH_MAX) return [remove]
    return [element('button', { type: 'button', click: () => this.#edit() }, 'Edit'), remove]
  }

  async #delete() {
    if (!(await confirmed({ question: 'Delete this item?', subject: this.#key, act: 'Delete' }))) return
    await this.#try(async () => {
      await send(this.#path, { method: 'DELETE' })
      this.#body.replaceChildren()
      this.#note.textContent = 'Deleted.'
      this.#onChange()
    })
  }

  #edit() {
    const area = element('textarea', { 'aria-label': 'New value', rows: 12, spellcheck: 'false' })
    area.value = new TextDecoder().decode(this.#bytes)
    const save = () =>
      this.#try(async () => {
        // Another client may have stored the item meanwhile.
        const etag = this.#headers.get('etag')
        const headers = {
          'keepcached-flags': this.#headers.get('keepcached-flags') ?? '0',
          'keepcached-ttl': this.#headers.get('keepcached-ttl') ?? '-1',
          ...(etag === null ? {} : { 'if-match': etag }),
        }
        await send(this.#path, { method: 'PUT', headers, body: new TextEncoder().encode(area.value) })
        await this.load()
        this.#note.textContent = 'Saved.'
        this.#onChange()
      })
    this.#body.replaceChildren(
      area,
      element(
        'div',
        { class: 'row' },
        element('button', { type: 'button', click: save }, 'Save'),
        element('button', { type: 'button', click: () => this.#show() }, 'Cancel'),
      ),
    )
    area.focus()
  }

  /** @param {() => Promise<void>} act */
  async #try(act) {
    this.#note.textContent = ''
    try {
      await act()
    } catch (error) {
      this.#note.textContent = error instanceof Error ? error.message : ''
    }
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {Uint8Array | undefined} inner
 */
function formsOf(bytes, inner) {
  /** @type {Record<string, () => string>} */
  const forms = { text: () => asText(bytes) }
  const json = asJson(bytes)
  if (json !== undefined) forms['JSON'] = () => json
  forms['hex'] = () => asHex(bytes)
  if (inner !== undefined)
    forms['uncompressed'] = () => asJson(inner) ?? (isText(inner) ? asText(inner) : asHex(inner))
  return forms
}

const EDITED_LENGTH_MAX = 128 * 1024
