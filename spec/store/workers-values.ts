/** Values that can be checked: each byte follows from the key, the writer and the count of its writes. */
export function wholeValue(key: string, worker: number, count: number, length: number): Buffer {
  const head = `${key} ${worker} ${count} ${length} `
  const value = Buffer.alloc(head.length + length, `${worker}.${count};`)
  value.write(head)
  return value
}

export function holdsTogether(key: string, value: Buffer): boolean {
  const [name, worker, count, length] = value.toString('latin1', 0, 64).split(' ')
  return name === key && wholeValue(key, Number(worker), Number(count), Number(length)).equals(value)
}
