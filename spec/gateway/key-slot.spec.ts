import { expect } from 'chai'
import { keySlot } from '../../lib/gateway/engines/key-slot.js'

describe('The slot of a key', () => {
  // Of Redis' own command CLUSTER KEYSLOT.
  const SLOTS: readonly (readonly [string, number])[] = [
    ['', 0],
    ['123456789', 12739],
    ['foo', 12182],
    ['{user1000}.following', 3443],
    ['{user1000}.followers', 3443],
    ['user1000', 3443],
    ['foo{}{bar}', 8363],
    ['foo{{bar}}zap', 4015],
    ['{bar', 4015],
    ['foo{bar}{zap}', 5061],
    ['foo{bar', 15278],
  ]

  for (const [key, slot] of SLOTS)
    it(`of ${JSON.stringify(key)} is ${slot}`, () => expect(keySlot(Buffer.from(key))).equal(slot))
})
