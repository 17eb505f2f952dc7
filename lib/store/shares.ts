/** A length in equal shares, to the byte: the first may have one byte more. */
export const sharesOf = (length: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => Math.floor(length / count) + (index < length % count ? 1 : 0))
