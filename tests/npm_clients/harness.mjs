// What the tests of all clients share: where the simulated venues are, and checks that go on after a failure.
import dns from 'node:dns'
import { readFileSync } from 'node:fs'

export const sim = JSON.parse(readFileSync(process.env.PARALLAX_SIM + '/sim.json'))

/** The key of an account (0 = alice, 1 = bob) at a venue. */
export const key = (venue, account = 0) => sim.accounts[account].keys.find(k => k.venue === venue)
const host = (door, what) => new URL(sim.addresses[door][what]).host

/** The hosts of the real venues, and what stands for them. */
export const hosts = new Map([
  ['api.binance.com', host('binance.spot', 'REST')],
  ['stream.binance.com:9443', host('binance.spot', 'streams')],
  ['ws-api.binance.com:443', host('binance.spot', 'WebSocket API')],
  ['ws-api.binance.com', host('binance.spot', 'WebSocket API')],
  ['dapi.binance.com', host('binance.usdm', 'REST')],
  ['fapi.binance.com', host('binance.usdm', 'REST')],
  ['fstream.binance.com', host('binance.usdm', 'streams')],
  ['ws-fapi.binance.com', host('binance.usdm', 'WebSocket API')],
  ['www.okx.com', host('okx', 'REST')],
  ['ws.okx.com:8443', host('okx', 'WebSocket')],
  ['api.bybit.com', host('bybit', 'REST')],
  ['stream.bybit.com', host('bybit', 'WebSocket')],
])

// Names below localhost are this host (RFC 6761); not every resolver knows it. ccxt tells Binance's products apart by
// the first word of the host.
const lookup = dns.lookup
dns.lookup = (name, ...more) => lookup(name.endsWith('.localhost') ? 'localhost' : name, ...more)

let checks = 0
let failed = 0
export const check = (what, good, seen) => {
  checks++
  if (good) return
  failed++
  console.log(`FAILED ${what}`, seen === undefined ? '' : JSON.stringify(seen)?.slice(0, 600))
}
/** Runs one part of a test; what it throws fails it, and the other parts go on. */
export const part = async (name, body) => {
  const timer = setTimeout(() => { console.log(`FAILED ${name}: no end after 30 s`); process.exit(1) }, 30_000)
  try {
    await body()
  } catch (error) {
    const lines = (error?.stack ?? JSON.stringify(error)).split('\n')
    check(name, false, [lines[0], lines.find(l => l.includes(`/${process.argv[1].split('/').pop()}:`))])
  }
  clearTimeout(timer)
}
export const thrown = async body => {
  try { await body() } catch (error) { return error }
  return undefined
}
export const sleep = ms => new Promise(done => setTimeout(done, ms))
/** Waits until `condition` holds; false after `ms`. */
export const until = async (condition, ms = 8_000) => {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(10)) if (condition()) return true
  return false
}
export const finish = () => {
  console.log(`${checks} checks, ${failed} failed`)
  process.exit(failed === 0 && checks > 0 ? 0 : 1)
}
