import { isReachedAlike, type ServerAddress } from './server-address.js'

interface Place<Node> {
  readonly server: ServerAddress
  readonly node: Node
}

/**
 * What a client has for each server, such as a pool of connections, in the order of the list. When the list changes, servers
 * that stay keep theirs: a call under way ends where it began.
 */
export class ServerNodes<Node> {
  private places: ReadonlyMap<string, Place<Node>> = new Map()
  private list: readonly Node[] = []
  private readonly create: (server: ServerAddress) => Node
  private readonly retire: (node: Node) => void

  /** `retire` gets the node of a server that has left. It ends the calls under way in order. */
  constructor(create: (server: ServerAddress) => Node, retire: (node: Node) => void) {
    this.create = create
    this.retire = retire
  }

  /** By the index that a selector for the same list returns. */
  get nodes(): readonly Node[] {
    return this.list
  }

  update(servers: readonly ServerAddress[]): void {
    const before = this.places
    const places = new Map<string, Place<Node>>()
    const list = servers.map((server) => {
      // Given twice: a source of the program's own may do so. There is one node for each name, or one would be lost.
      const place = places.get(server.name) ?? this.placeOf(server)
      places.set(server.name, place)
      return place.node
    })
    this.places = places
    this.list = list
    const kept = new Set(this.list)
    for (const { node } of before.values()) if (!kept.has(node)) this.retire(node)
  }

  private placeOf(server: ServerAddress): Place<Node> {
    const place = this.places.get(server.name)
    const stays = place !== undefined && isReachedAlike(place.server, server)
    return { server, node: stays ? place.node : this.create(server) }
  }
}
