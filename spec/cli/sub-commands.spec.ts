/** What holds for every sub-command: its command line, its help, its completion. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { SUB_COMMANDS } from '../../lib/cli/sub-commands.js'
import { runTool } from '../support/tool.js'

const MAIN = fileURLToPath(new URL('../../lib/cli/main.js', import.meta.url))

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

  it('pass their exit code on, and what is wrong in one line', () => {
    expect(keepcached(['get', '--server', '127.0.0.1:1', 'k'])).to.deep.include({ status: 69, stdout: '' })
    const { status, stderr } = keepcached(['serve'])
    expect({ status, stderr }).to.deep.equal({
      status: 64,
      stderr: "keepcached: serve: there is no such command; 'keepcached help' lists those that there are\n",
    })
  })

  it('end quietly when nobody reads their output any more', () => {
    const { stdout, stderr } = spawnSync(
      'sh',
      ['-c', `yes 'get a' | head -c 5000000 | "$0" "$1" decode | head -1`, process.execPath, MAIN],
      {
        encoding: 'utf8',
      },
    )
    expect({ stdout, stderr }).to.deep.equal({ stdout: '0        request get keys="a"\n', stderr: '' })
  })

  it('refuse wrong words in one line that tells the usage', async () => {
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

  it('take words behind -- as they are', async () => {
    const { complaints } = await runTool(['get', '--server', '127.0.0.1:1', '--', '--json'])
    expect(complaints.join()).to.include('ECONNREFUSED')
  })
})

describe('help', () => {
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

describe('completion', () => {
  /** What bash offers behind these words. */
  async function offered(...words: string[]): Promise<string[]> {
    const { out } = await runTool(['completion', 'bash'])
    const script = `${out}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _keepcached; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' })
    return stdout.trim().split('\n')
  }

  it('offers commands, their options and their words in bash', async () => {
    expect(await offered('keepcached', '')).to.have.members(SUB_COMMANDS.map(({ name }) => name))
    expect(await offered('keepcached', 'de')).to.have.members(['delete', 'decode'])
    expect(await offered('keepcached', 'check', '--ta')).to.deep.equal(['--tap'])
    expect(await offered('keepcached', 'completion', '')).to.have.members(['bash', 'zsh', 'fish'])
    expect(await offered('keepcached', 'help', 'pi')).to.deep.equal(['ping'])
    expect(await offered('keepcached', 'get', '--sasl', '')).to.deep.equal([''])
    expect(await offered('keepcached', 'decode', 'package.js')).to.deep.equal(['package.json'])
  })

  for (const shell of ['bash', 'zsh', 'fish']) {
    it(`knows every command and option in ${shell}`, async () => {
      const { out, code } = await runTool(['completion', shell])
      expect(code).to.equal(0)
      for (const { name, options } of SUB_COMMANDS) {
        expect(out).to.match(new RegExp(`\\b${name}\\b`))
        for (const option of options) expect(out).to.match(new RegExp(`(--|-l )${option.name}\\b`))
      }
    })

    it(`is a script that ${shell} can read`, async function () {
      const { out } = await runTool(['completion', shell])
      const { status, error, stderr } = spawnSync(shell, ['-n'], { input: out, encoding: 'utf8' })
      // Not every machine has all three.
      if (error !== undefined) this.skip()
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' })
    })
  }

  it('parts what zsh is told of an option by colons, of which its argument has none', async () => {
    const { out } = await runTool(['completion', 'zsh'])
    expect(out).to.include(':USER\\:PASSWORD:').and.not.include(':USER:PASSWORD:')
  })

  it('knows no other shell', async () => {
    expect(await runTool(['completion', 'csh'])).to.deep.include({ code: 64, out: '' })
  })
})
