import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { MAIN } from '../support/program.js'

const PACKAGE = new URL('../../../package.json', import.meta.url)

function keepcached(...options: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...options], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

describe('the program', () => {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8'))

  it('prints its help', () => {
    for (const option of ['-h', '--help']) {
      const { status, stdout, stderr } = keepcached(option)
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' })
      expect(stdout)
        .to.match(/^keepcached .*\n\nUsage: /)
        .and.to.include(version)
    }
  })

  it('prints its version', () => {
    expect(keepcached('-V')).to.deep.equal({ status: 0, stdout: `keepcached ${version}\n`, stderr: '' })
  })

  it('prints its license', () => {
    const { status, stdout } = keepcached('-i')
    expect(status).to.equal(0)
    expect(stdout).to.match(/^MIT License\n/)
  })

  it('is packed without source maps, because their sources are not packed', function () {
    this.slow(10_000)
    const cwd = fileURLToPath(new URL('.', PACKAGE))
    const pack = ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline']
    const { stdout } = spawnSync('npm', pack, { cwd, encoding: 'utf8' })
    const paths: string[] = JSON.parse(stdout)[0].files.map(({ path }: { path: string }) => path)
    expect(paths).to.include.members(['dist/esm/cli/main.js', 'dist/esm/index.d.ts', 'README.md'])
    expect(paths.filter((path) => path.endsWith('.map'))).to.deep.equal([])
    const { sideEffects } = JSON.parse(readFileSync(PACKAGE, 'utf8'))
    expect(paths).to.include.members(sideEffects.map((path: string) => path.replace('./', '')))
  })

  it('refuses a wrong command line in one line on standard error', () => {
    expect(keepcached('-c', '-1')).to.deep.equal({
      status: 64,
      stdout: '',
      stderr: 'keepcached: -c: -1 is not a number of connections; give 1 to 1048576\n',
    })
  })
})
