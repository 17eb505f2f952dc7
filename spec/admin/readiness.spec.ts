/** `/readyz` of a server whose disk takes no changes, and of one that starts. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { openAdmin } from '../../lib/admin/open-admin.js'
import type { AdminAccess } from '../../lib/server/admin-access.js'
import { errorOf, useAdmin } from '../support/admin.js'

describe('/readyz of a server that starts', () => {
  it('says so, while health and statistics are answered all the same', async () => {
    const access = { options: { adminWrite: false }, isServing: false, statistics: () => [] }
    const place = { host: '127.0.0.1', port: 0, connectionCountMax: 10, isToken: undefined }
    const listener = await openAdmin(access as unknown as AdminAccess, place)
    const statuses: [string, number][] = []
    for (const path of ['/healthz', '/readyz', '/v1/stats', '/v1/items'])
      statuses.push([path, (await fetch(`http://${listener.address}${path}`)).status])
    await listener.close()
    expect(statuses).to.deep.equal([
      ['/healthz', 200],
      ['/readyz', 503],
      ['/v1/stats', 200],
      ['/v1/items', 503],
    ])
  })
})

for (const workers of [1, 2])
  describe(`/readyz of a server with a data directory and ${workers === 1 ? 'one worker' : 'two workers'}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'keepcached-ready-'))
    const admin = useAdmin({ dataDirectory: join(folder, 'data'), workers })
    after(() => rmSync(folder, { recursive: true, force: true }))

    it('says when the disk takes no changes', async () => {
      const { board } = admin().server['data']!['needs'].own
      expect((await admin().send('/readyz')).status).to.equal(200)
      board.countFailed(1)
      const refused = await admin().send('/readyz')
      board.countFailed(-1)
      expect([refused.status, errorOf(refused)]).to.deep.equal([
        503,
        'the disk takes no changes: see /v1/stats, journal',
      ])
      expect((await admin().send('/readyz')).status).to.equal(200)
    })
  })
