// What web pages in a real browser can do to the server, though they know its address and its token.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { after, before, describe, it } from 'node:test'

import { chromium } from 'playwright-core'

import { eventually } from './podman.js'
import { serve } from './server.js'

const rebound = 'rebound.example' // a stranger's name that leads to this machine

let browser, server, allowed, stranger

describe('Chromium', { skip: process.env.CHROMIUM ? false : 'it is not installed' }, () => {
  before(async () => {
    allowed = await site()
    stranger = await site()
    server = await serve('--allowed-origins', allowed.origin)
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync', `--host-resolver-rules=MAP ${rebound} 127.0.0.1`,
        // Chromium would keep some pages off this machine by itself; here the server is to do it.
        '--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests'],
    })
  })

  after(async () => {
    await browser?.close()
    allowed?.close()
    stranger?.close()
    assert.equal(await server?.stop(), 0)
  })

  it('an allowed page gets through', async () => {
    const page = await browser.newPage()
    await page.goto(allowed.origin)
    const got = await page.evaluate(attempts, where())
    for (const way of ['POST, header', 'POST, query', 'WebSocket, query', 'WebSocket, subprotocol']) {
      assert.match(got[way], /"name":"podman-mcp"/, way)
    }
    assert.match(got['GET, query'], /^400 /) // it has no session
    assert.match(got['POST, no token'], /^401 a token is needed/)
    assert.match(got['WebSocket, no token'], /^closed 1006/)
  })

  it('a page of a stranger gets nothing', async () => {
    const page = await browser.newPage()
    await page.goto(stranger.origin)
    await getsNothing(page)
  })

  it('a page without an origin gets nothing', async () => {
    const page = await browser.newPage()
    await page.goto('data:text/html,hello')
    assert.equal(await page.evaluate(() => self.origin), 'null')
    await getsNothing(page)
  })

  it('a page whose name was led to the server gets nothing', async () => {
    const page = await browser.newPage()
    const at = server.http.replace('127.0.0.1', rebound)
    await page.route(at, route => route.fulfill({ contentType: 'text/html', body: 'hello' }))
    await page.goto(at) // the page comes from the stranger; what it asks from then on goes to the server
    await page.unroute(at)
    await getsNothing(page, { http: at, websocket: server.websocket.replace('127.0.0.1', rebound) })
  })
})

const where = () => ({ http: server.http, websocket: server.websocket, token: server.token })

// getsNothing holds that each attempt of the page reaches the server, is refused and brings the page nothing to read.
async function getsNothing(page, at = {}) {
  const already = server.log.length
  const got = await page.evaluate(attempts, { ...where(), ...at })
  const cross = !at.http // a page of the same origin may read the refusal, which tells no secret
  for (const [way, what] of Object.entries(got)) {
    assert.match(what, way.startsWith('WebSocket') ? /^closed 1006/ : cross ? /^nothing|^opaque$/ : /^403 the Host|^opaque$/, way)
  }
  // A question whether it may ask (preflight) stands for its request.
  const asked = Object.keys(got).length
  await eventually(`${asked} requests reach the server`, () => server.log.length - already >= asked)
  const log = server.log.slice(already).map(line => JSON.parse(line))
  assert.deepEqual(log.filter(line => line.message !== 'refused' || line.status !== 403), [])
}

// attempts runs in the page and tells what each way to the server brought it.
async function attempts({ http, websocket, token }) {
  const hello = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'page', version: '1' } } })
  const json = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' }
  const key = { Authorization: `Bearer ${token}` }

  async function ask(url, options) {
    try {
      const answer = await fetch(url, options)
      return answer.type === 'opaque' ? 'opaque' : `${answer.status} ${await answer.text()}`
    } catch (error) {
      return `nothing: ${error.message}`
    }
  }
  function open(url, protocols) {
    return new Promise(resolve => {
      const socket = new WebSocket(url, protocols)
      socket.onopen = () => socket.send(hello)
      socket.onmessage = message => {
        resolve(message.data)
        socket.close()
      }
      socket.onclose = event => resolve(`closed ${event.code}`)
    })
  }
  const query = `?token=${token}`
  return {
    'GET, query': await ask(http + query),
    'GET, header': await ask(http, { headers: key }),
    'GET, blind': await ask(http + query, { mode: 'no-cors' }),
    'POST, query': await ask(http + query, { method: 'POST', headers: json, body: hello }),
    'POST, header': await ask(http, { method: 'POST', headers: { ...json, ...key }, body: hello }),
    'POST, no token': await ask(http, { method: 'POST', headers: json, body: hello }),
    'POST, blind': await ask(http + query, { method: 'POST', mode: 'no-cors', body: hello }),
    'WebSocket, query': await open(websocket + query, 'mcp'),
    'WebSocket, subprotocol': await open(websocket, ['mcp', `mcp.auth.${token}`]),
    'WebSocket, no token': await open(websocket, 'mcp'),
  }
}

// site serves an empty page from an origin of its own.
async function site() {
  const listener = createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end('hello'))
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  return { origin: `http://127.0.0.1:${listener.address().port}`, close: () => listener.close() }
}
