// The official conformance suite, at what each revision of the protocol requires.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { program } from './program.js'
import { freePort, serve } from './server.js'

// Scenarios that the suite runs and does not score, and that a server without fixtures can pass.
const unscored = { '2025-11-25': ['server-session-lifecycle'], '2026-07-28': ['http-header-validation'] }

describe('conformance', () => {
  let server
  before(async () => {
    // The suite sends no token, and as Origin the server's own address.
    const port = String(await freePort())
    server = await serve('--no-auth', '--port', port, '--allowed-origins', `http://127.0.0.1:${port}`)
  })
  after(async () => { assert.equal(await server.stop(), 0) })

  for (const [revision, others] of Object.entries(unscored)) {
    it(`conforms to ${revision}`, async t => {
      const folder = mkdtempSync(join(process.env.PODMAN_MCP_SCRATCH, 'conformance-'))
      const { status, stdout, stderr } = await program('conformance', 'server', '--url', server.http, '--requirements', revision,
        '--expected-failures', join(import.meta.dirname, 'expected-failures.yaml'), '--output-dir', folder)
      const summary = stdout.slice(stdout.indexOf('=== SUMMARY ==='))
      assert.equal(status, 0, summary + stderr)
      const lines = summary.split('\n').filter(line => /^[✓✗]/.test(line))
      t.diagnostic(`${lines.filter(line => line.startsWith('✓')).length} of ${lines.length} scenarios pass; the others want fixtures`)
      for (const other of others) {
        assert.ok(lines.some(line => line.startsWith(`✓ ${other}:`)), `${other} fails:\n${summary}`)
      }
      // An expected failure of a scenario excuses all its checks. That what was sent is well formed needs no fixture.
      assert.deepEqual(malformed(folder), [])
    })
  }
})

// malformed are the scenarios in which the server sent what the protocol's schema does not allow, and why.
function malformed(folder) {
  const scenarios = readdirSync(folder)
  assert.ok(scenarios.length > 20, `only ${scenarios.length} scenarios have run`)
  return scenarios.flatMap(scenario => {
    const checks = JSON.parse(readFileSync(join(folder, scenario, 'checks.json'), 'utf8'))
    return checks.filter(c => c.id === 'wire-schema-valid' && c.status !== 'SUCCESS').map(c => `${scenario}: ${c.errorMessage}`)
  })
}
