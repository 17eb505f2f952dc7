import type { Request } from '../../../request/request.js'
import { Trait } from '../../../request/trait.js'
import type { ItemDraft } from '../../../store/item/draft.js'
import { Flag } from '../../../store/item/item.js'
import type { Context } from '../../context/context.js'
import { casFlags } from '../cas.js'

/** Describes the item that the request stores. */
export function draftStored(context: Context, request: Request): void {
  const { valueStart, valueEnd } = request
  const draft = draftNew(context, request, valueEnd - valueStart, context.absoluteTime(request.expiry))
  draft.clientFlags = request.clientFlags
  // A value that may be stale may have to expire with the one before it.
  if ((request.traits & Trait.INVALIDATE) !== 0) draft.moreFlags |= Flag.EXPIRY
}

/** Describes an item that the request makes where there is none. Returns the draft, which the caller may change. */
export function draftNew(context: Context, request: Request, valueLength: number, expiry: number): ItemDraft {
  const { draft } = context.store
  draft.keyStart = request.keyStart
  draft.keyLength = request.keyEnd - request.keyStart
  draft.valueLength = valueLength
  draft.clientFlags = 0
  draft.expiry = expiry
  draft.moreFlags = casFlags(request)
  return draft
}

/** Describes a copy of the locked item. Returns the draft, which the caller changes. */
export function draftCopy({ store }: Context, { keyStart }: Request, original: number): ItemDraft {
  store.items.draftCopy(store.draft, original, keyStart)
  return store.draft
}
