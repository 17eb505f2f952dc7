/** What a change is called wherever subscribers read of it. */
export const CHANGE_NAMES = [
  'item',
  'set',
  'delete',
  'touch',
  'expire',
  'evict',
  'flush',
  'flush_prefix',
  'position',
  'gap',
] as const
export type ChangeName = (typeof CHANGE_NAMES)[number]
