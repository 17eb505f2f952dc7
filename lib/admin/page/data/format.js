/** Numbers and times, as they are shown. */

/** @param {number | null | undefined} value */
export function count(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return '–'
  return scaled(value, 1000, ['', 'k', 'M', 'G', 'T'], '')
}

/**
 * @param {number} value
 * @param {string} noun
 */
export function counted(value, noun) {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** @param {number | null | undefined} value */
export function bytes(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return '–'
  return scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB'], ' ')
}

/** @param {number | null | undefined} value */
export function percent(value) {
  return value === null || value === undefined || Number.isNaN(value) ? '–' : `${short(value * 100)} %`
}

/** @param {number | null | undefined} value */
export function perSecond(value) {
  return `${count(value)}/s`
}

/** @param {number | null | undefined} value */
export function bytesPerSecond(value) {
  return `${bytes(value)}/s`
}

/** @param {number | null | undefined} us */
export function microseconds(us) {
  if (us === null || us === undefined || Number.isNaN(us)) return '–'
  if (us < 1000) return `${short(us)} µs`
  return us < 1e6 ? `${short(us / 1000)} ms` : `${short(us / 1e6)} s`
}

/** @param {number} total */
export function seconds(total) {
  if (total < 60) return `${Math.round(total)} s`
  if (total < 3600) return `${Math.floor(total / 60)} min ${Math.round(total % 60)} s`
  if (total < 86_400) return `${Math.floor(total / 3600)} h ${Math.floor((total % 3600) / 60)} min`
  return `${Math.floor(total / 86_400)} d ${Math.floor((total % 86_400) / 3600)} h`
}

/**
 * The time of day.
 *
 * @param {number} ms
 */
export function clock(ms) {
  return CLOCK.format(ms)
}

/**
 * @param {number} value
 * @param {number} base
 * @param {string[]} units
 * @param {string} space
 */
function scaled(value, base, units, space) {
  let power = 0
  let rest = value
  while (Math.abs(rest) >= base && power < units.length - 1) {
    rest /= base
    power++
  }
  return `${short(rest)}${space}${units[power]}`.trimEnd()
}

/** @param {number} value */
function short(value) {
  const size = Math.abs(value)
  return Number(value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2)).toString()
}

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
