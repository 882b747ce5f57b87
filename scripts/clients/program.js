// Runs one of the installed clients that are programs.
import { execFile } from 'node:child_process'
import { join } from 'node:path'

const modules = join(import.meta.dirname, 'node_modules')

// program resolves to what it wrote and its exit status, whichever that is.
export function program(name, ...argv) {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [join(modules, '.bin', name), ...argv], { maxBuffer: 64 << 20, timeout: 120_000 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error)
      else resolve({ status: error?.code ?? 0, stdout, stderr })
    })
  })
}
