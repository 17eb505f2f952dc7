/** What the bench asks of a client. All are used with their own defaults, and by promises. */
export interface Contestant {
  get(key: string): Promise<unknown>
  set(key: string, value: string): Promise<unknown>
  /** Resolves to the number of items found. */
  getMany(keys: readonly string[]): Promise<number>
}

/** The clients by their names: each loads its own library only, and connects to a server on this port of 127.0.0.1. */
export const LIBRARIES: Readonly<Record<string, (port: number) => Promise<Contestant>>> = {
  'keepcached/client': async (port) => {
    const { Client } = await import('../../../lib/client/index.js')
    const client = new Client(`127.0.0.1:${port}`)
    return {
      get: (key) => client.get(key),
      set: (key, value) => client.set(key, value),
      getMany: async (keys) => (await client.getMany(keys)).size,
    }
  },

  memjs: async (port) => {
    const { Client } = await import('memjs')
    const client = Client.create(`127.0.0.1:${port}`)
    const get = async (key: string) => (await client.get(key)).value
    return {
      get,
      set: (key, value) => client.set(key, value, {}),
      // It has no request for several keys.
      getMany: async (keys) => (await Promise.all(keys.map(get))).filter((value) => value !== null).length,
    }
  },

  memcached: async (port) => {
    const { default: Memcached } = await import('memcached')
    const client = new Memcached(`127.0.0.1:${port}`)
    return {
      get: (key) =>
        new Promise((resolve, reject) => {
          client.get(key, (error, value) => (error ? reject(error) : resolve(value)))
        }),
      set: (key, value) =>
        new Promise((resolve, reject) => {
          client.set(key, value, 0, (error, isStored) => (error ? reject(error) : resolve(isStored)))
        }),
      getMany: (keys) =>
        new Promise((resolve, reject) => {
          client.getMulti(keys, (error, found) =>
            error ? reject(error) : resolve(Object.keys(found).length),
          )
        }),
    }
  },

  memcache: async (port) => {
    const { Memcache } = await import('memcache')
    const client = new Memcache({ nodes: [`127.0.0.1:${port}`] })
    await client.connect()
    return {
      get: (key) => client.get(key),
      set: (key, value) => client.set(key, value),
      getMany: async (keys) => (await client.gets([...keys])).size,
    }
  },
}
