// One story through every real client, transport and era: what a client does in a day.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import { eventually, image, podman, processes } from './podman.js'
import { serve } from './server.js'
import { ways } from './ways.js'

const containers = 'podman://containers'
const lateness = [] // in ms, from the end of podman start to a client that knows

describe('clients', () => {
  let server, made = 0

  before(async () => { server = await serve() })

  after(async () => {
    assert.equal(await server.stop(), 0)
    assert.ok(!server.log.join('\n').includes(server.token), 'the log shows the token')
  })

  for (const way of ways) {
    describe(way.name, () => {
      const name = `clients-${process.pid}-${++made}`
      let at

      before(async () => { at = await way.open(server) })

      after(async () => {
        await at.leave()
        await podman('rm', '--force', '--time', '0', '--ignore', ...['', '-log', '-silent', '-hand'].map(end => name + end))
        if (way.transport !== 'stdio') return
        assert.ok(at.pid > 0)
        await eventually('the server ends with its client', () => !existsSync(`/proc/${at.pid}`))
      })

      it('lists tools, resources and prompts', async () => {
        assert.equal(at.client.getServerVersion().name, 'podman-mcp')
        const { tools } = await at.client.listTools()
        for (const tool of ['podman_ps', 'podman_run', 'podman_stop', 'podman_logs', 'podman_compose_up']) {
          assert.ok(tools.some(t => t.name === tool), `there is no ${tool}`)
        }
        const { resources } = await at.client.listResources()
        assert.ok(resources.some(r => r.uri === containers))
        const { prompts } = await at.client.listPrompts()
        assert.ok(prompts.some(p => p.name === 'troubleshoot_container'))
      })

      it('runs, lists and stops a container', async () => {
        const run = await at.call('podman_run', { image, name, command: ['sleep'] })
        assert.ok(!run.isError, text(run))
        const running = await at.call('podman_ps', { filters: { name } })
        assert.deepEqual(running.structuredContent.containers.map(c => [c.name, c.state]), [[name, 'running']])
        const stop = await at.call('podman_stop', { containers: [name], timeout: 5 })
        assert.ok(!stop.isError, text(stop))
        assert.equal((await at.call('podman_ps', { filters: { name } })).structuredContent.total, 0)
        assert.equal((await at.call('podman_ps', { all: true, filters: { name } })).structuredContent.containers[0].state, 'exited')
      })

      it('is told what was wrong', async () => {
        const unknown = await at.call('podman_stop', { containers: [name + '-none'] })
        assert.equal(unknown.isError, true)
        assert.match(text(unknown), /^CONTAINER_NOT_FOUND: /)
        const wrong = await at.call('podman_ps', { limit: 'many' })
        assert.equal(wrong.isError, true)
        assert.match(text(wrong), /^INVALID_PARAMS: .*limit/)
        await assert.rejects(at.call('podman_nothing', {}), error => error.code === -32602)
      })

      it('hears progress until it wants no more', async () => {
        const log = name + '-log'
        const id = await podman('run', '--detach', '--name', log, image, 'log', '-n', '0', '-interval', '20ms')
        const heard = []
        let following = 0
        const cancel = new AbortController()
        const call = at.call('podman_logs', { container: log, follow: true }, {
          signal: cancel.signal,
          onprogress: ({ progress, message }) => {
            heard.push({ progress, message })
            if (heard.length !== 5) return
            following = processes('logs', id)
            cancel.abort()
          },
        })
        await assert.rejects(call, /abort/i)
        assert.equal(following, 1)
        assert.ok(heard.every(({ message }) => /\d/.test(message)), JSON.stringify(heard))
        assert.ok(heard.every(({ progress }, i) => i === 0 || progress > heard[i - 1].progress), JSON.stringify(heard))
        await eventually('podman follows the log no more', () => processes('logs', id) === 0)
      })

      // Nothing is sent meanwhile, by which the server could notice a client that is gone.
      it('cancels a call that is silent', async () => {
        const silent = name + '-silent'
        const id = await podman('run', '--detach', '--name', silent, image, 'sleep')
        const cancel = new AbortController()
        const call = at.call('podman_logs', { container: silent, follow: true }, { signal: cancel.signal })
        const rejected = assert.rejects(call, /abort/i)
        await eventually('podman follows the log', () => processes('logs', id) > 0)
        cancel.abort()
        await rejected
        await eventually('podman follows the log no more', () => processes('logs', id) === 0)
        assert.ok(!(await at.call('podman_ps', {})).isError, 'the session has ended too')
      })

      it('is told of a container that is started by hand', async () => {
        const hand = name + '-hand'
        const states = [] // of the container, each read because the server said so
        const stop = await at.watch(containers, async uri => {
          const { contents } = await at.client.readResource({ uri })
          states.push(JSON.parse(contents[0].text).containers.find(c => c.name === hand)?.state)
        })
        await podman('create', '--name', hand, image, 'sleep')
        await eventually('its making is told', () => states.includes('created'))
        await podman('start', hand)
        const ended = Date.now()
        await eventually('its start is told', () => states.includes('running'))
        lateness.push(Date.now() - ended)
        await stop()
      })
    })
  }

  // The middle one, for a busy machine may hold up one of them.
  it('is told within 400 ms', t => {
    const middle = lateness.sort((a, b) => a - b)[lateness.length >> 1]
    t.diagnostic(`clients knew of a start by hand ${middle} ms after it in the median, ${lateness.at(-1)} at most`)
    assert.ok(middle <= 400, `they knew after ${lateness.join(', ')} ms`)
  })
})

function text(result) {
  return result.content.map(c => c.text).join('\n')
}
