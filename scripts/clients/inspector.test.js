// The Inspector's command line, which is strict with schemas, over each transport that it speaks.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { program } from './program.js'
import { binary, serve } from './server.js'

describe('Inspector', () => {
  let server
  before(async () => { server = await serve() })
  after(async () => { assert.equal(await server.stop(), 0) })

  const inspect = (target, ...argv) => program('mcp-inspector', '--cli', '--quiet', '--format', 'json', ...argv, ...target())

  const environment = Object.entries(process.env).flatMap(([name, value]) => (/^(CONTAINERS|XDG|PODMAN)_/.test(name) ? ['-e', `${name}=${value}`] : []))
  const targets = {
    stdio: () => [...environment, binary],
    http: () => ['--transport', 'http', '--header', `Authorization: Bearer ${server.token}`, '--server-url', server.http],
  }

  for (const [transport, target] of Object.entries(targets)) {
    for (const era of ['legacy', 'modern']) {
      describe(`${era}, ${transport}`, () => {
        it('finds no fault with the schemas', async () => {
          const { status, stdout, stderr } = await inspect(target, '--protocol-era', era, '--method', 'tools/list', '--strict')
          assert.equal(status, 0, stderr)
          assert.match(stderr, /^0 errors, /m)
          assert.ok(JSON.parse(stdout).result.tools.some(tool => tool.name === 'podman_ps'))
        })

        it('calls a tool', async () => {
          const { status, stdout, stderr } = await inspect(target, '--protocol-era', era, '--method', 'tools/call', '--tool-name', 'podman_ps')
          assert.equal(status, 0, stderr)
          assert.ok(Array.isArray(JSON.parse(stdout).result.structuredContent.containers))
        })

        it('is told of a call that fails', async () => {
          const { status, stdout, stderr } = await inspect(target, '--protocol-era', era, '--method', 'tools/call', '--tool-name', 'podman_logs', '--tool-arg', 'container=clients-none')
          assert.equal(status, 5, stderr) // its status for isError
          assert.match(JSON.parse(stdout).result.content[0].text, /^CONTAINER_NOT_FOUND: /)
        })
      })
    }
  }

  // Should this fail, the Inspector has learnt WebSocket: add that to the targets.
  it('speaks no WebSocket', async () => {
    const { status, stderr } = await inspect(() => ['--method', 'tools/list', '--server-url', server.withToken(server.websocket), '--transport', 'websocket'])
    assert.notEqual(status, 0)
    assert.match(stderr, /transport/i)
  })
})
