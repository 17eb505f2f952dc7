import { openListener } from '../../admin/open-admin.js'
import { AdminDoor } from '../../server/admin-door.js'
import type { Serving } from '../serving/serving.js'
import { testRoutes } from './test-routes.js'

/**
 * The control of a test server by HTTP, for tests in any language: the admin listener of its option `admin`, with further routes.
 * `isPublic`: other machines may use it without a token.
 */
export async function openControl(serving: Serving, isPublic: boolean): Promise<AdminDoor | undefined> {
  const extras = { others: testRoutes(serving), isPublic }
  return AdminDoor.open(
    serving.options.server,
    serving.createAccess(),
    async () => (access, place) => openListener(access, place, extras),
  )
}
