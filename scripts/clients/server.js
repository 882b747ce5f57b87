// The server under test, as a user starts it: the built binary with nothing on its standard input.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export const binary = process.env.PODMAN_MCP ?? fail('PODMAN_MCP must name the built server; scripts/test clients does that')

function fail(why) {
  throw new Error(why)
}

// serve starts the server with a token and resolves to where it is, once it serves.
export async function serve(...flags) {
  const token = 'a-token-of-the-client-tests-' + process.pid
  const folder = mkdtempSync(join(process.env.PODMAN_MCP_SCRATCH, 'server-'))
  const file = join(folder, 'token')
  writeFileSync(file, token + '\n', { mode: 0o600 })
  if (!flags.includes('--no-auth')) flags.push('--token-file', file)
  if (!flags.includes('--port')) flags.push('--port', '0')
  if (!flags.includes('--admin-port')) flags.push('--admin-port', '0')
  const child = spawn(binary, ['--transport', 'http', '--log-format', 'json', '--log-level', 'debug', ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  process.once('SIGTERM', () => process.exit(1)) // from the test runner, when a file takes too long
  process.once('exit', () => child.kill('SIGKILL'))
  const log = []
  const serving = new Promise((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', line => {
      log.push(line)
      if (line.includes('"serving MCP"')) resolve(JSON.parse(line))
    })
    child.once('exit', code => reject(new Error(`the server ended with ${code}:\n${log.join('\n')}`)))
  })
  const { http, websocket } = await serving
  return {
    http, websocket, token, log,
    pid: child.pid,
    headers: { Authorization: `Bearer ${token}` },
    withToken: url => `${url}?token=${token}`,
    // stop asks the server to end and resolves to its exit status.
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
      return child.exitCode
    },
  }
}

// freePort finds a port for a server that must know its own before it starts.
export async function freePort() {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address()
  listener.close()
  await once(listener, 'close')
  return port
}
