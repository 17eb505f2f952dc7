/** What happens when a signal is aborted. */
interface Followers {
  readonly actions: Set<() => void>
  readonly run: () => void
}

const followersOf = new WeakMap<AbortSignal, Followers>()

/**
 * Calls `act` when the signal is aborted, which it must not be yet. Returns a function that ends this.
 *
 * A signal has one listener however many calls follow it: Node takes more than ten for a leak, and warns.
 */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  const { actions, run } = followersOf.get(signal) ?? followersFor(signal)
  actions.add(act)
  return () => {
    if (!actions.delete(act) || actions.size > 0 || signal.aborted) return
    followersOf.delete(signal)
    signal.removeEventListener('abort', run)
  }
}

function followersFor(signal: AbortSignal): Followers {
  const actions = new Set<() => void>()
  const run = (): void => {
    // Those that end while others act are left out.
    for (const act of actions) act()
  }
  const followers = { actions, run }
  followersOf.set(signal, followers)
  signal.addEventListener('abort', run, { once: true })
  return followers
}
