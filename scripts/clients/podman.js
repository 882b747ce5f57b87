// Podman by hand, as in another terminal, and what can be seen of its processes.
import { execFile } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { promisify } from 'node:util'

export const image = process.env.PODMAN_MCP_TEST_IMAGE

const run = promisify(execFile)

export async function podman(...argv) {
  return (await run('podman', argv)).stdout.trim()
}

// processes counts the podman processes whose command line has all of these words.
export function processes(...words) {
  return readdirSync('/proc').filter(id => {
    let argv = []
    try {
      argv = readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0')
    } catch {
      // no process, or one that is gone
    }
    return /(^|\/)podman$/.test(argv[0]) && words.every(word => argv.includes(word))
  }).length
}

// eventually waits until is() holds, for ten seconds at most.
export async function eventually(what, is) {
  for (const end = Date.now() + 10_000; !(await is()); await new Promise(resolve => setTimeout(resolve, 10))) {
    if (Date.now() > end) throw new Error(`it did not become so: ${what}`)
  }
}
