// A thousand clients that come, follow a log, watch it or list tools, and go in the midst of that, leave nothing behind.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import { eventually, image, podman, processes } from './podman.js'
import { freePort, serve } from './server.js'
import { ways } from './ways.js'

const container = `clients-${process.pid}-churn`
const networked = ways.filter(way => way.transport !== 'stdio')
let server, admin, id

describe('churn', () => {
  before(async () => {
    admin = await freePort()
    server = await serve('--admin-port', String(admin))
    id = await podman('run', '--detach', '--name', container, image, 'log', '-n', '0', '-interval', '50ms')
  })

  after(async () => {
    await podman('rm', '--force', '--time', '0', '--ignore', container)
    assert.equal(await server.stop(), 0)
  })

  it('a thousand clients leave nothing behind', async t => {
    await visits(60) // what stays is there now
    await eventually('it is quiet', () => children() === 0)
    const before = await held()
    await visits(1000)
    let now
    await eventually('all is as before', async () => {
      now = await held()
      return now.children === 0 && now.descriptors <= before.descriptors && now.goroutines <= before.goroutines + 2
    }).catch(error => { throw new Error(`${error.message}: ${JSON.stringify(before)} has become ${JSON.stringify(now)}`) })
    t.diagnostic(`goroutines ${before.goroutines} → ${now.goroutines}, descriptors ${before.descriptors} → ${now.descriptors}`)
    assert.equal(processes('logs', id), 0)
  })
})

// visits has that many clients come and go, sixteen at a time.
async function visits(count) {
  let next = 0
  await Promise.all(Array.from({ length: 16 }, async () => {
    while (next < count) await visit(next++)
  }))
}

async function visit(i) {
  const at = await networked[i % networked.length].open(server)
  let call
  if (i % 3 === 0) {
    await at.watch(`podman://containers/${container}/logs`, () => {})
  } else if (i % 3 === 1) {
    await new Promise((resolve, reject) => {
      call = at.call('podman_logs', { container, follow: true }, { onprogress: resolve })
      call.catch(reject)
    })
  } else {
    await at.client.listTools()
  }
  await at.leave()
  if (call) await assert.rejects(call)
}

// held is what the server has open at this moment.
async function held() {
  const answer = await fetch(`http://127.0.0.1:${admin}/metrics?format=prometheus`, { headers: { Connection: 'close' } })
  const goroutines = Number(/^go_goroutines (\d+)/m.exec(await answer.text())[1])
  return { goroutines, descriptors: readdirSync(`/proc/${server.pid}/fd`).length, children: children() }
}

function children() {
  return readdirSync(`/proc/${server.pid}/task`)
    .flatMap(task => readFileSync(`/proc/${server.pid}/task/${task}/children`, 'utf8').split(' '))
    .filter(Boolean).length
}
