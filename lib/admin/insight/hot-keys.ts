import { HOT_MEASURES, HOT_SUBJECTS, type HotWindow } from '../../metrics/hot-keys/hot-keys.js'
import type { HotKey } from '../../metrics/hot-keys/hottest.js'
import { ADMIN_HOT_KEY_COUNT_MAX } from '../../request/limits.js'
import { type Exchange, sendJson } from '../http/exchange.js'
import { HttpError } from '../http/http-error.js'
import { keyFields } from '../items/key.js'
import { Slices } from '../slices.js'

export const HOT_KEYS_PARAMETERS: readonly string[] = ['limit']

/** The hottest keys and prefixes: since the start, which comes first, and of recent windows. */
export async function hotKeys(exchange: Exchange): Promise<void> {
  const { admin, parameters } = exchange
  const { options, insight } = admin.access
  if (!options.dumpEnabled) throw new HttpError(403, 'listing of keys is off (-X)')
  const limit = parameters.integer('limit', { min: 1, max: ADMIN_HOT_KEY_COUNT_MAX, default: COUNT })
  admin.access.store.clock.refresh()
  const slices = new Slices()
  const read = async (window: HotWindow) => {
    const figures: Record<string, unknown> = {}
    for (const measure of HOT_MEASURES) {
      const bySubject: Record<string, unknown> = {}
      for (const subject of HOT_SUBJECTS) {
        const { entries } = insight.hotKeys.hottest(window, measure, subject, limit)
        bySubject[subject] = entries.map(shown)
        if (slices.isOver) await slices.pause()
      }
      figures[measure] = bySubject
    }
    return { ...figures, seconds: insight.hotKeys.secondsOf(window) }
  }
  sendJson(exchange, { ...(await read('start')), minute: await read('minute'), '10s': await read('10s') })
}

const shown = ({ key, weight, error }: HotKey) => ({
  ...keyFields(Buffer.from(key, 'latin1')),
  count: weight,
  error,
})

const COUNT = 20
