import { shown } from '../data/keys.js'
import { element } from './element.js'

/**
 * Asks before something that cannot be undone. Resolves with true once it is confirmed, and with false if it is not.
 *
 * @param {{ question: string, subject: Uint8Array, act: string }} what the question, the key or prefix that it is about, and the
 *   name of the button that confirms
 * @returns {Promise<boolean>}
 */
export function confirmed({ question, subject, act }) {
  return new Promise((resolve) => {
    const close = () => {
      dialog.remove()
      resolve(dialog.returnValue === CONFIRMED)
    }
    const dialog = element(
      'dialog',
      { 'aria-labelledby': 'confirm-title', close },
      element('h2', { id: 'confirm-title' }, question),
      element('p', { class: 'key' }, shown(subject)),
      element(
        'div',
        { class: 'row' },
        element('button', { type: 'button', autofocus: true, click: () => dialog.close() }, 'Keep'),
        element('button', { type: 'button', class: 'danger', click: () => dialog.close(CONFIRMED) }, act),
      ),
    )
    document.body.append(dialog)
    dialog.showModal()
  })
}

const CONFIRMED = 'confirmed'
