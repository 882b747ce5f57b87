// Reports as scripts/test does for Go: a line a file, and all that a failing test said. It notes the outcome of each
// test in $PODMAN_MCP_RECORD for the count at the end.
import { appendFileSync } from 'node:fs'
import { basename } from 'node:path'
import { inspect } from 'node:util'

export default async function* report(events) {
  const suites = [] // the names around a test, by depth
  let failed = false // in this file
  for await (const { type, data } of events) {
    switch (type) {
      case 'test:start':
        suites[data.nesting] = data.name
        break
      case 'test:pass':
        if (data.skip !== undefined) {
          note('SKIP', full(data))
          yield `    skipped: ${full(data)}: ${data.skip}\n`
        } else if (data.details.type !== 'suite' && !data.name.endsWith('.test.js')) { // nor a file without tests
          note('PASS', full(data))
        }
        break
      case 'test:fail':
        if (data.details.error.failureType === 'subtestsFailed') break // they have told already
        failed = true
        note('FAIL', full(data))
        yield `--- FAIL: ${full(data)}\n${inspect(data.details.error.cause ?? data.details.error)}\n`
        break
      case 'test:diagnostic':
        if (data.file !== undefined) yield `    ${data.message}\n`
        break
      case 'test:summary':
        if (data.file === undefined) break // all files
        yield `${failed ? 'FAIL' : 'ok  '}\tclients/${basename(data.file)}\t${data.counts.tests} tests\t${(data.duration_ms / 1000).toFixed(3)}s\n`
        failed = false
    }
  }

  function full({ name, nesting }) {
    return [...suites.slice(0, nesting), name].join(': ')
  }
}

function note(outcome, name) {
  appendFileSync(process.env.PODMAN_MCP_RECORD, `scripts/clients ${outcome}: ${name}\n`)
}
