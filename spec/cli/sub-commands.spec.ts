/** What holds for every sub-command: its command line, its help, its completion. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { SUB_COMMANDS } from '../../lib/cli/sub-commands.js'
import { helpText } from '../../lib/options/help.js'
import { BASH, FISH, needs, type Peer, ZSH } from '../support/peers.js'
import { MAIN } from '../support/program.js'
import { runTool } from '../support/tool.js'

/** As a process of its own. */
function keepcached(words: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], {
    input,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

describe('the sub-commands', () => {
  it('are run by their name as the first word', () => {
    const { status, stdout, stderr } = keepcached(['decode'], 'get a\r\n')
    expect({ status, stdout, stderr }).to.deep.equal({
      status: 0,
      stdout: '0        request get keys="a"\n',
      stderr: '',
    })
  })

  it('pass on their exit code, and report an error in one line', () => {
    expect(keepcached(['get', '--server', '127.0.0.1:1', 'k'])).to.deep.include({ status: 69, stdout: '' })
    const { status, stderr } = keepcached(['serve'])
    expect({ status, stderr }).to.deep.equal({
      status: 64,
      stderr: "keepcached: serve: there is no such command; 'keepcached help' lists all commands\n",
    })
  })

  it('end quietly when their output is closed', () => {
    const { stdout, stderr } = spawnSync(
      'sh',
      ['-c', `yes 'get a' | head -c 5000000 | "$0" "$1" decode | head -1`, process.execPath, MAIN],
      {
        encoding: 'utf8',
      },
    )
    expect({ stdout, stderr }).to.deep.equal({ stdout: '0        request get keys="a"\n', stderr: '' })
  })

  it('pass on their exit code though nobody reads their output', async () => {
    const child = spawn(process.execPath, [MAIN, 'nothing'], { stdio: ['ignore', 'pipe', 'ignore'] })
    child.stdout.destroy()
    expect(await once(child, 'exit')).to.deep.equal([64, null])
  })

  it('refuse wrong words in one line with the usage', async () => {
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['get'], /^get: there are too few words; the usage is keepcached get \[options\] KEY\.\.\.$/],
      [['touch', 'k', '1', '2'], /^touch: 2: there are too many words/],
      [['get', '--fast', 'k'], /^get: --fast: there is no such option/],
      [['get', '-x', 'k'], /^get: -x: there is no such option/],
      [['get', 'k', '--server'], /^get: --server needs an argument, ADDRESS/],
      [['get', '--json=yes', 'k'], /^get: --json takes no argument/],
      [['ping', 'a:b:c'], /^a:b:c: an address is HOST:PORT/],
      [['ping', 'host:99999'], /^host:99999: an address is HOST:PORT/],
      [['ping', '--sasl', 'alice'], /^--sasl: a login is USER:PASSWORD/],
      [['set', 'k', 'v', '--add', '--append'], /^set: --add and --append exclude each other/],
      [['check', '--json', '--tap'], /exclude each other|no connection|ECONNREFUSED/],
      [['help', 'me'], /^me: there is no such command/],
    ]
    for (const [words, complaint] of wrong) {
      const { code, complaints, out } = await runTool(words)
      expect(complaints.length, words.join(' ')).to.equal(1)
      expect(complaints[0]).to.match(complaint)
      expect({ isRefused: code >= 64, out }).to.deep.equal({ isRefused: true, out: '' })
    }
  })

  it('take words after -- as they are', async () => {
    const { complaints } = await runTool(['get', '--server', '127.0.0.1:1', '--', '--json'])
    expect(complaints.join()).to.include('ECONNREFUSED')
  })
})

describe('help', () => {
  it("shows a command's own options before those for reaching a server", async () => {
    const { out } = await runTool(['help', 'set'])
    const places = ['Options:', '--flags', '--json', 'Options for the connection:', '--text', '--server'].map(
      (text) => out.indexOf(`\n${text.startsWith('--') ? '  ' : ''}${text}`),
    )
    expect(places).to.deep.equal([...places].sort((a, b) => a - b))
    expect(Math.min(...places)).to.be.greaterThan(0)
  })

  it('lists every sub-command', async () => {
    const { out, code } = await runTool(['help'])
    expect(code).to.equal(0)
    const unwrapped = out.replaceAll(/\s+/g, ' ')
    for (const { name, summary } of SUB_COMMANDS)
      expect(unwrapped).to.include(` ${name} `).and.include(summary)
  })

  for (const command of SUB_COMMANDS) {
    it(`explains ${command.name}: its words, its options, its exit codes`, async () => {
      const { out, code } = await runTool(['help', command.name])
      expect(code).to.equal(0)
      expect(out).to.match(new RegExp(`^Usage: keepcached ${command.name}`))
      for (const { name } of command.options) expect(out).to.match(new RegExp(`^  --${name}\\b`, 'm'))
      for (const exit of Object.keys(command.exits)) expect(out).to.match(new RegExp(`^  ${exit} `, 'm'))
      for (const line of out.split('\n')) expect(line.length, line).to.be.at.most(80)
      expect((await runTool([command.name, '--help'])).out).to.equal(out)
    })
  }
})

/** What a shell offers after these words, when it has read the script. */
type Offers = (script: string, words: readonly string[]) => string[]

const ASK_BASH = `. "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _keepcached; printf '%s\\n' "\${COMPREPLY[@]}"`
const ZSH_OFFERS = fileURLToPath(new URL('../../../spec/cli/zsh-offers.zsh', import.meta.url))

const SHELLS: Readonly<Record<string, Peer>> = { bash: BASH, zsh: ZSH, fish: FISH }

const OFFERS: Readonly<Record<string, Offers>> = {
  bash: (script, words) => linesOf('bash', '-c', ASK_BASH, script, ...words),
  zsh: (script, words) => linesOf('zsh', '-f', ZSH_OFFERS, script, words.join(' ')),
  // Explanations follow a tab.
  fish: (script, words) =>
    linesOf(
      'fish',
      '--no-config',
      '-c',
      'source $argv[1]; complete -C "$argv[2]"',
      script,
      words.join(' '),
    ).map((line) => line.replace(/\t.*/, '')),
}

function linesOf(program: string, ...options: string[]): string[] {
  const { stdout } = spawnSync(program, options, { encoding: 'utf8', timeout: 30_000 })
  return stdout.split('\n').filter((line) => line !== '')
}

describe('completion', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-completion-'))
  after(() => rmSync(folder, { recursive: true }))

  async function scriptFor(shell: string): Promise<string> {
    const path = join(folder, shell)
    writeFileSync(path, (await runTool(['completion', shell])).out)
    return path
  }

  for (const [shell, offersOf] of Object.entries(OFFERS))
    describe(`in ${shell}`, function () {
      this.timeout(120_000)
      this.slow(20_000)
      needs(SHELLS[shell]!)
      let script = ''
      before(async () => {
        script = await scriptFor(shell)
      })
      const offered = (...words: string[]) => offersOf(script, words)

      it('offers commands, their options and their words', () => {
        expect(offered('keepcached', '')).to.have.members(SUB_COMMANDS.map(({ name }) => name))
        expect(offered('keepcached', 'dec')).to.have.members(['decode', 'decr'])
        expect(offered('keepcached', 'check', '--ta')).to.deep.equal(['--tap'])
        expect(offered('keepcached', 'completion', '')).to.have.members(['bash', 'zsh', 'fish'])
        expect(offered('keepcached', 'help', 'pi')).to.deep.equal(['ping'])
        expect(offered('keepcached', 'get', '--sasl', '')).to.deep.equal([])
        expect(offered('keepcached', 'decode', 'package.js')).to.deep.equal(['package.json'])
        expect(offered('keepcached', 'get', '--tls-ca', 'package.js')).to.deep.equal(['package.json'])
        expect(offered('keepcached', 'delete', 'package.js')).to.deep.equal([])
        expect(offered('keepcached', 'delete', 'check', '--ta')).to.deep.equal([])
      })

      it('offers the options of the server after a dash', () => {
        expect(offered('keepcached', '--da')).to.have.members(['--daemon', '--data'])
        expect(offered('keepcached', '-v', '--fs')).to.deep.equal(['--fsync'])
        expect(offered('keepcached', '-p', '1', '--snapshot-i')).to.deep.equal(['--snapshot-interval'])
        expect(offered('keepcached', '-p', '')).to.deep.equal([])
        expect(offered('keepcached', '--data', 'package.js')).to.deep.equal(['package.json'])
        expect(offered('keepcached', '-Y', 'package.js')).to.deep.equal(['package.json'])
        expect(offered('keepcached', '-o', 'ssl_ke')).to.have.members(['ssl_key', 'ssl_keyformat'])
        expect(offered('keepcached', 'get', '--da')).to.deep.equal([])
      })

      it('is a script that the shell can read', () => {
        const { status, stderr } = spawnSync(shell, ['-n', script], { encoding: 'utf8' })
        expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' })
      })
    })

  for (const shell of ['bash', 'zsh', 'fish'])
    it(`knows every command and option in ${shell}`, async () => {
      const { out, code } = await runTool(['completion', shell])
      expect(code).to.equal(0)
      for (const { name, options } of SUB_COMMANDS) {
        expect(out).to.match(new RegExp(`\\b${name}\\b`))
        for (const option of options) expect(out).to.match(new RegExp(`(--|-l )${option.name}\\b`))
      }
      const longNames = [
        ...helpText('')
          .split('\n\n')[2]!
          .matchAll(/^(?:-\w, )?--([\w-]+)/gm),
      ].map((found) => found[1]!)
      expect(longNames.length).to.be.greaterThan(30)
      for (const name of longNames) expect(out).to.match(new RegExp(`(--|-l )${name}\\b`))
    })

  it("gives zsh an option's parts separated by colons, and no colon inside its argument", async () => {
    const { out } = await runTool(['completion', 'zsh'])
    expect(out).to.include(':USER\\:PASSWORD:').and.not.include(':USER:PASSWORD:')
  })

  it('knows no other shell', async () => {
    expect(await runTool(['completion', 'csh'])).to.deep.include({ code: 64, out: '' })
  })
})
