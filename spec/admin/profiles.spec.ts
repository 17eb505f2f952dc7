/** `/debug/profile` and `/debug/heap` of a server, with one worker and with two. */
import { get } from 'node:http'
import { MessageChannel } from 'node:worker_threads'
import { expect } from 'chai'
import { answerProfile } from '../../lib/server/workers/threads/thread-profile.js'
import { AdminServer, errorOf, TOKEN, useAdmin } from '../support/admin.js'
import { eventually } from '../support/eventually.js'

const HEADERS = { authorization: `Bearer ${TOKEN}` }

/** Of a wrong request, which takes no profile: 400, or 409 while another one is being taken. */
const statusOf = async (admin: AdminServer): Promise<number> =>
  (await admin.sendWithToken('/debug/profile?seconds=0')).status

for (const workers of [1, 2])
  describe(`profiles of a server with ${workers === 1 ? 'one worker' : 'two workers'}`, () => {
    const admin = useAdmin({ hasToken: true, workers })

    it('are of the worker that was asked for', async () => {
      const { status, headers, text } = await admin().sendWithToken(
        `/debug/profile?seconds=1&worker=${workers - 1}`,
      )
      expect(status).to.equal(200)
      expect(headers['content-disposition']).to.equal('attachment; filename="keepcached.cpuprofile"')
      const { nodes, samples } = JSON.parse(text)
      expect(samples).to.not.be.empty
      expect(nodes[0].callFrame.functionName).to.equal('(root)')
    })

    it('have the heap of a worker, which runs the code of the server', async () => {
      const { status, text } = await admin().sendWithToken(`/debug/heap?worker=${workers - 1}`)
      expect(status).to.equal(200)
      const { strings } = JSON.parse(text)
      expect(strings).to.include('decodeRequest')
      // The accepting thread has the listener, a worker thread has not.
      expect(strings.includes('HttpListener')).to.equal(workers === 1)
    })

    it('are taken one at a time; a client that goes away ends its own', async () => {
      const path = '/debug/profile?seconds=300'
      const first = get({ host: '127.0.0.1', port: admin().port, path, headers: HEADERS })
      first.on('error', () => undefined)
      await eventually(409, () => statusOf(admin()))
      expect(errorOf(await admin().sendWithToken(path))).to.equal('a profile is being taken; try again')
      first.destroy()
      await eventually(400, () => statusOf(admin()))
    })

    it('are refused for other workers, lengths and methods', async () => {
      for (const query of [`worker=${workers}`, 'worker=-1', 'seconds=0', 'seconds=301', 'depth=1'])
        expect((await admin().sendWithToken(`/debug/profile?${query}`)).status, query).to.equal(400)
      expect((await admin().sendWithToken('/debug/heap', { method: 'HEAD' })).status).to.equal(405)
      expect((await admin().sendWithToken('/debug/heap', { method: 'PUT' })).status).to.equal(405)
    })

    it('are secret: they need the token', async () => {
      for (const path of ['/debug/profile', '/debug/heap'])
        expect((await admin().send(path)).status).to.equal(401)
    })
  })

describe('profiles of a server without a token', () => {
  const admin = useAdmin()

  it('are refused: a page in a browser could ask for them', async () => {
    for (const path of ['/debug/profile', '/debug/heap']) {
      const reply = await admin().send(path)
      expect([reply.status, errorOf(reply)]).to.deep.equal([
        403,
        'profiles need a token; start the server with --admin-token',
      ])
    }
  })
})

describe('a profile that is being taken', () => {
  it('ends in its thread when the accepting thread does not want it any more', async () => {
    const { port1, port2 } = new MessageChannel()
    const ended = answerProfile({ seconds: 300, port: port2 })
    port1.close()
    await ended
  })

  for (const workers of [1, 2])
    it(`does not keep a server with ${workers} from stopping`, async () => {
      const admin = await AdminServer.start({ hasToken: true, workers })
      const cut = admin.sendWithToken('/debug/profile?seconds=300').then(
        ({ status }) => status,
        ({ code }) => code,
      )
      await eventually(409, () => statusOf(admin))
      await admin.stop()
      // A thread may take longer to hear of it than the listener waits.
      expect(await cut).to.be.oneOf(workers === 1 ? [503] : [503, 'ECONNRESET'])
    })
})
