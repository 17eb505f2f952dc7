/** Runs the sessions in the READMEs of the tools, and compares their output. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { MAIN } from '../support/program.js'
import { startServer } from '../support/server.js'

const READMES = ['cli', 'check'].map((room) =>
  readFileSync(new URL(`../../../lib/${room}/README.md`, import.meta.url), 'utf8'),
)
const SESSIONS = READMES.flatMap((readme) => [
  ...readme.matchAll(/<!-- runs(?: with (\S+))? -->\n```console\n(.*?)```/gs),
])

/** Each command as it is typed, and all of them together with their output. */
function commandsIn(session: string): { commands: string[]; lines: string[] } {
  const lines = session.trimEnd().split('\n')
  const commands: string[] = []
  let isHereDocument = false
  for (const line of lines) {
    if (isHereDocument) commands[commands.length - 1] += `\n${line}`
    else if (line.startsWith('$ ')) commands.push(line.slice(2))
    isHereDocument = isHereDocument ? line !== 'END' : line.endsWith('<< END')
  }
  return { commands, lines }
}

describe('the READMEs of the tools', () => {
  it('has sessions', () => {
    expect(SESSIONS.length).to.be.at.least(5)
  })

  for (const [, option, session = ''] of SESSIONS) {
    const { commands, lines } = commandsIn(session)
    it(`show the true output: ${commands[0]!.split('\n')[0]}`, async function () {
      this.slow(3000)
      // A session starts a dozen programs.
      const server = await startServer({ options: option === undefined ? [] : [option] })
      try {
        let said = ''
        for (const command of commands) {
          const script = `keepcached() { "${process.execPath}" "${MAIN}" "$@"; }\n${command}\n`
          const environment = { ...process.env, KEEPCACHED_SERVER: `127.0.0.1:${server.port}` }
          const { stdout, stderr } = spawnSync('sh', ['-c', script], { env: environment, encoding: 'utf8' })
          const printed = `${stdout}${stderr}`.replace(`127.0.0.1:${server.port}`, '127.0.0.1:11211')
          said += `$ ${command}\n${printed === '' || printed.endsWith('\n') ? printed : `${printed}\n`}`
        }
        // A cas is different each time.
        const steady = said.replaceAll(/("cas":|\bcas=)\d+/g, '$1...')
        expect(steady.trimEnd().split('\n')).to.deep.equal(lines)
      } finally {
        await server.stop()
      }
    })
  }
})
