// node run.mjs PARALLAX CLIENT.mjs: a simulation on free ports, the client's test against it, and both end.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [binary, client, ...more] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'plx_npm_'))
const simulation = spawn(binary, ['sim', '--dir', folder, '--seed', '5', ...more], { stdio: ['ignore', 'pipe', 'inherit'] })
let status = 1
simulation.on('exit', code => {
  if (code !== 0) status = 1
  rmSync(folder, { recursive: true, force: true })
  process.exit(status)
})
let text = ''
let started = false
simulation.stdout.on('data', bytes => {
  text += bytes
  if (started || !text.includes('Ctrl-C ends it')) return
  started = true
  const test = spawn(process.execPath, [join(dirname(fileURLToPath(import.meta.url)), client)], {
    stdio: 'inherit',
    env: { ...process.env, PARALLAX_SIM: folder, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
  })
  test.on('exit', code => {
    status = code ?? 1
    simulation.kill('SIGINT')
  })
})
