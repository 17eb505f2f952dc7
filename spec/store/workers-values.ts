/** Values of which one can see whether they are whole: each byte follows from the key and from who wrote it when. */
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
