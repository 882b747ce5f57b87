// Each way that a real client has to the server: a client, a transport and an era of the protocol. All of them end in
// one small face, so that one story can be told through every one.
import * as current from '@modelcontextprotocol/client'
import { StdioClientTransport as CurrentStdio } from '@modelcontextprotocol/client/stdio'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as Stdio1 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as HTTP1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js'
import { CallToolResultSchema, ElicitRequestSchema, ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'

import { binary } from './server.js'

const me = { name: 'podman-mcp-clients', version: '1' }
const legacy = '2025-11-25'
const modern = '2026-07-28'

// The transports of SDK 1 and of its successor. The successor has none for WebSocket, and takes that of SDK 1, which
// can send no header: the token stands in the query.
const sdk1 = {
  stdio: () => new Stdio1(child()),
  http: server => new HTTP1(new URL(server.http), { requestInit: { headers: server.headers } }),
  websocket: server => new WebSocketClientTransport(new URL(server.withToken(server.websocket))),
}
const sdk2 = {
  stdio: () => new CurrentStdio(child()),
  http: server => new current.StreamableHTTPClientTransport(new URL(server.http), { requestInit: { headers: server.headers } }),
  websocket: sdk1.websocket,
}

// The SDKs give a child a handful of variables alone, and podman's store here is named by others.
function child() {
  return { command: binary, args: ['--log-level', 'warn'], env: process.env, stderr: 'inherit' }
}

// With ask, a function from a question to its answer, the client can ask its user.
export const ways = ['stdio', 'http', 'websocket'].flatMap(transport => [
  { name: `SDK 1, ${legacy}, ${transport}`, transport, open: (server, ask) => open1(sdk1[transport](server), ask) },
  { name: `client 2, ${legacy}, ${transport}`, transport, open: (server, ask) => open2(sdk2[transport](server), 'legacy', legacy, ask) },
  { name: `client 2, ${modern}, ${transport}`, transport, open: (server, ask) => open2(sdk2[transport](server), { pin: modern }, modern, ask) },
  { name: `client 2, the newest it finds, ${transport}`, transport, open: (server, ask) => open2(sdk2[transport](server), 'auto', modern, ask) },
])

const capabilities = ask => ask ? { elicitation: { form: {} } } : {}

// A session over HTTP outlives its client, unless that ends it first.
async function leave(client, transport) {
  await transport.terminateSession?.()
  await client.close()
}

async function open1(transport, ask) {
  const client = new Client1(me, { capabilities: capabilities(ask) })
  if (ask) client.setRequestHandler(ElicitRequestSchema, request => ask(request.params))
  await client.connect(transport)
  return {
    client,
    pid: transport.pid,
    leave: () => leave(client, transport),
    call: (name, args, options) => client.callTool({ name, arguments: args }, CallToolResultSchema, options),
    async watch(uri, heard) {
      client.setNotificationHandler(ResourceUpdatedNotificationSchema, note => heard(note.params.uri))
      await client.subscribeResource({ uri })
      return () => client.unsubscribeResource({ uri })
    },
  }
}

async function open2(transport, mode, version, ask) {
  const client = new current.Client(me, { versionNegotiation: { mode }, capabilities: capabilities(ask) })
  if (ask) client.setRequestHandler('elicitation/create', request => ask(request.params))
  await client.connect(transport)
  if (client.getNegotiatedProtocolVersion() !== version) throw new Error(`they speak ${client.getNegotiatedProtocolVersion()}, not ${version}`)
  return {
    client,
    pid: transport.pid,
    leave: () => leave(client, transport),
    call: (name, args, options) => client.callTool({ name, arguments: args }, options),
    async watch(uri, heard) {
      client.setNotificationHandler('notifications/resources/updated', note => heard(note.params.uri))
      if (version === legacy) {
        await client.subscribeResource({ uri })
        return () => client.unsubscribeResource({ uri })
      }
      const subscription = await client.listen({ resourceSubscriptions: [uri] })
      return () => subscription.close()
    },
  }
}
