import { CONTROL_NAMES, type Controls } from './controls.js'
import type { Serving } from './serving.js'

/** The controls of a server, which throw once it has stopped: its items are on their way out of memory. */
export function controlsUntilStopped(serving: Serving): Controls {
  return controlsFrom((name, args) => {
    if (serving.hasStopped) throw stoppedError(name)
    const control = serving[name] as (...args: readonly unknown[]) => unknown
    return control.apply(serving, args as unknown[])
  })
}

/** Controls of which each one is this call, with its name. */
export function controlsFrom(call: (name: keyof Controls, args: readonly unknown[]) => unknown): Controls {
  const all = CONTROL_NAMES.map((name) => [name, (...args: unknown[]) => call(name, args)])
  return Object.fromEntries(all) as Controls
}

export const stoppedError = (name: keyof Controls): Error => new Error(`${name}: the test server has stopped`)
