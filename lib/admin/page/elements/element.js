/**
 * Makes an element. Keys and values come from anybody, and children are only ever nodes or text: nothing here parses HTML.
 * A property that is a function listens to the event of its name; `style` sets properties one by one, as the policy of the page
 * requires; others are attributes, or absent if they are false.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [properties]
 * @param {...(Node | string | number)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') made.addEventListener(name, value)
    else if (name === 'style') for (const each in value) made.style.setProperty(each, value[each])
    else if (value === true) made.setAttribute(name, '')
    else if (value !== false && value !== undefined) made.setAttribute(name, String(value))
  }
  made.append(...children.map((child) => (child instanceof Node ? child : String(child))))
  return made
}

/**
 * A table that scrolls by itself where it is wider than the screen. Columns are `[heading]` or `[heading, 'number']`.
 *
 * @param {string} caption
 * @param {[heading: string, kind?: string][]} columns
 */
export function table(caption, columns) {
  const body = element('tbody')
  const heads = columns.map(([heading, kind]) => element('th', { scope: 'col', class: kind }, heading))
  const node = element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    element(
      'table',
      {},
      element('caption', {}, caption),
      element('thead', {}, element('tr', {}, ...heads)),
      body,
    ),
  )
  return {
    node,
    /** @param {(Node | string | number)[][]} rows */
    show(rows) {
      const made = rows.map((cells) =>
        element('tr', {}, ...cells.map((cell, at) => element('td', { class: columns[at]?.[1] }, cell))),
      )
      const empty = element('tr', {}, element('td', { colspan: columns.length, class: 'quiet' }, 'none'))
      body.replaceChildren(...(made.length > 0 ? made : [empty]))
    },
  }
}

export const prefixField = () =>
  element('input', { id: 'prefix', type: 'search', spellcheck: 'false', autocomplete: 'off' })

/**
 * A field for the prefix of keys, with its button and what else belongs in the row.
 *
 * @param {HTMLInputElement} field
 * @param {string} button
 * @param {() => void} onSubmit
 * @param {...Node} others
 */
export const prefixForm = (field, button, onSubmit, ...others) =>
  element(
    'form',
    {
      class: 'row',
      submit: (/** @type {Event} */ event) => {
        event.preventDefault()
        onSubmit()
      },
    },
    element('label', { for: field.id }, 'Keys that begin with'),
    field,
    element('button', { type: 'submit' }, button),
    ...others,
  )

/**
 * A choice between a few words: radio buttons, which the arrow keys move between.
 *
 * @template {string} Value
 * @param {string} legend
 * @param {[value: Value, label: string][]} options
 * @param {Value} chosen
 * @param {(value: Value) => void} onChange
 */
export function choice(legend, options, chosen, onChange) {
  const name = `choice-${choiceCount++}`
  return element(
    'fieldset',
    { class: 'choice' },
    element('legend', {}, legend),
    ...options.map(([value, label]) =>
      element(
        'label',
        {},
        element('input', {
          type: 'radio',
          name,
          value,
          checked: value === chosen,
          change: () => onChange(value),
        }),
        element('span', {}, label),
      ),
    ),
  )
}

/**
 * A panel with a heading.
 *
 * @param {string} title
 * @param {...(Node | string)} children
 */
export function panel(title, ...children) {
  return element('section', { class: 'panel' }, element('h3', {}, title), ...children)
}

/**
 * A bar that shows a share of the whole, beside the number that says the same.
 *
 * @param {number} share
 */
export function bar(share) {
  const width = `${Math.round(Math.min(1, Math.max(0, share)) * 100)}%`
  return element(
    'span',
    { class: 'bar', 'aria-hidden': 'true' },
    element('span', { class: 'fill', style: { width } }),
  )
}

let choiceCount = 0

export const NO_KEYS = 'Not available: this server lists no keys (-X).'
