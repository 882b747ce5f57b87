// What a model reads: the tokens of the tools that are offered, and of their results on a machine with 100 containers
// against podman's own JSON. The figures stand in the README.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'

import { encode } from 'gpt-tokenizer/encoding/o200k_base'

import { image, podman } from './podman.js'
import { binary } from './server.js'

const run = promisify(execFile)
const tokens = text => encode(text).length
const named = i => `clients-${process.pid}-tokens-${i}`
const built = `localhost/clients-${process.pid}-built`
const containerfile = `FROM ${image}
LABEL org.opencontainers.image.title=shop org.opencontainers.image.version=1.0
ENV MODE=production
WORKDIR /srv
COPY app.conf /srv/
EXPOSE 8080
USER 1000
CMD ["serve"]
`
const repository = `localhost/clients-${process.pid}-tokens`

describe('tokens', () => {
  before(async () => {
    await podman('run', '--detach', '--name', named(0), '--publish', '127.0.0.1::8080', '--env', 'MODE=test', image, 'serve')
    for (let i = 1; i < 100; i++) await podman('create', '--name', named(i), '--label', 'app=shop', image, 'log', '-n', '3')
    const context = await mkdtemp(join(tmpdir(), 'podman-mcp-tokens-'))
    await writeFile(join(context, 'Containerfile'), containerfile)
    await writeFile(join(context, 'app.conf'), 'mode = test')
    await podman('build', '--quiet', '--tag', built, context)
    await rm(context, { recursive: true })
    for (let i = 0; i < 50; i++) await podman('commit', '--quiet', '--author', `nobody ${i}`, named(1), `${repository}:${i}`)
  })

  after(async () => {
    await podman('rm', '--force', '--time', '0', ...Array.from({ length: 100 }, (_, i) => named(i)))
    await podman('rmi', built, ...Array.from({ length: 50 }, (_, i) => `${repository}:${i}`))
  })

  it('the default tools take at most 12,000', async t => {
    const { tools } = JSON.parse((await run(binary, ['tools', '--json'], { maxBuffer: 64 << 20 })).stdout)
    const count = tokens(JSON.stringify(tools))
    t.diagnostic(`${tools.length} tools: ${count} tokens`)
    assert.ok(tools.length <= 30)
    assert.ok(count <= 12_000)
  })

  for (const [tool, parameters, ...raw] of [
    ['podman_ps', { all: true }, 'ps', '--all', '--format', 'json'],
    ['podman_ps', {}, 'ps', '--all', '--format', 'json'],
    ['podman_images', {}, 'images', '--format', 'json'],
    ['podman_events', {}, 'events', '--stream=false', '--since', '1h', '--format', 'json'],
    ['podman_system_prune', {}, 'ps', '--all', '--size', '--format', 'json'],
    ['podman_inspect', { container: named(0) }, 'container', 'inspect', named(0)],
    ['podman_inspect', { container: built, type: 'image' }, 'image', 'inspect', built],
    ['podman_info', {}, 'info', '--format', 'json'],
  ]) {
    it(`${tool} ${JSON.stringify(parameters).replaceAll(String(process.pid), 'N')}`, async t => {
      const ours = tokens((await run(binary, ['call', tool, JSON.stringify(parameters)], { maxBuffer: 64 << 20 })).stdout)
      const theirs = tokens(await podman(...raw))
      t.diagnostic(`${ours} tokens, podman's ${theirs}: ${(ours / theirs).toFixed(3)}`)
      assert.ok(ours <= theirs / 10, `${ours} tokens are more than a tenth of podman's ${theirs}`)
    })
  }
})
