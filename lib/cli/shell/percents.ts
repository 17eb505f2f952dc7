/** Bytes as one word of printable ASCII: a line for each key, whatever bytes it has. */
export const withPercents = (bytes: Buffer): string =>
  bytes
    .toString('latin1')
    .replaceAll(/[^!-$&-~]/g, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)
