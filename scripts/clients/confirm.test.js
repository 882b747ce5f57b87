// With --confirm a real client's user is asked before anything is removed, through every client, transport and era.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { image, podman } from './podman.js'
import { serve } from './server.js'
import { ways } from './ways.js'

process.env.PODMAN_MCP_CONFIRM = 'destructive' // of the servers that stdio clients start, too

describe('confirm', () => {
  let server, made = 0

  before(async () => { server = await serve() })
  after(async () => { assert.equal(await server.stop(), 0) })

  for (const way of ways) {
    it(`asks: ${way.name}`, async () => {
      const name = `confirm-${process.pid}-${++made}`
      const there = async () => (await podman('ps', '--all', '--format', '{{.Names}}')).split('\n').includes(name)
      const questions = []
      let answer = { action: 'decline' }
      const at = await way.open(server, async ({ message, requestedSchema }) => {
        questions.push(message)
        assert.equal(requestedSchema.properties.confirm.type, 'boolean')
        return answer
      })
      const mute = await way.open(server)
      try {
        await podman('create', '--name', name, image, 'sleep')
        const rm = client => client.call('podman_rm', { containers: [name] })
        for (const refused of [await rm(at), await rm(mute)]) {
          assert.equal(refused.isError, true)
          assert.equal(refused.structuredContent.error.code, 'CONFIRMATION_NEEDED')
        }
        assert.deepEqual(questions, [`Remove container ${name} with what was written inside?`])
        assert.ok(await there(), 'it is gone without a yes')
        answer = { action: 'accept', content: { confirm: true } }
        const done = await rm(at)
        assert.ok(!done.isError, JSON.stringify(done))
        assert.equal(questions.length, 2)
        assert.ok(!(await there()), 'it is there after a yes')
      } finally {
        await at.leave()
        await mute.leave()
        await podman('rm', '--force', '--time', '0', '--ignore', name)
      }
    })
  }
})
