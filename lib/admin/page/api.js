/**
 * Requests to the server. The token is in a header, and this tab keeps it until it is closed. A path is relative, so that the page
 * also works behind a proxy that adds a folder.
 */

/** A refusal, with the sentence of the server. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} sentence
   */
  constructor(status, sentence) {
    super(sentence)
    this.status = status
  }
}

/**
 * @param {string} path
 * @param {RequestInit & { headers?: Record<string, string> }} [options]
 */
export async function send(path, { headers = {}, ...options } = {}) {
  for (;;) {
    const token = sessionStorage.getItem(TOKEN)
    const authorization = token === null ? {} : { authorization: `Bearer ${token}` }
    const response = await fetch(new URL(path, document.baseURI), {
      ...options,
      headers: { ...headers, ...authorization },
      credentials: 'omit',
      cache: 'no-store',
    })
    if (response.ok) return response
    if (response.status !== 401) throw new Refusal(response.status, await sentenceOf(response))
    await askForToken(token)
  }
}

/** @param {string} path */
export async function getJson(path) {
  return (await send(path)).json()
}

export function hasToken() {
  return sessionStorage.getItem(TOKEN) !== null
}

export function forgetToken() {
  sessionStorage.removeItem(TOKEN)
}

/** @param {Response} response */
async function sentenceOf(response) {
  const text = await response.text()
  try {
    return JSON.parse(text).error
  } catch {
    return `the server answered ${response.status}`
  }
}

/**
 * One dialog for all requests that wait.
 *
 * @param {string | null} refused
 */
function askForToken(refused) {
  // Another request has asked meanwhile.
  if (refused !== sessionStorage.getItem(TOKEN)) return Promise.resolve()
  asking ??= new Promise((resolve) => {
    const dialog = /** @type {HTMLDialogElement} */ (document.getElementById('ask'))
    const input = /** @type {HTMLInputElement} */ (document.getElementById('token'))
    const error = /** @type {HTMLElement} */ (document.getElementById('ask-error'))
    error.textContent = refused === null ? '' : 'The server refused this token.'
    input.value = ''
    dialog.oncancel = (event) => event.preventDefault()
    dialog.onclose = () => {
      // A header can hold nothing else.
      sessionStorage.setItem(TOKEN, input.value.replace(/[^\x21-\x7e]/g, ''))
      asking = undefined
      resolve(undefined)
    }
    dialog.showModal()
  })
  return asking
}

const TOKEN = 'keepcached-token'
/** @type {Promise<void> | undefined} */
let asking
