// The independent client: what the npm package `ws` and Node's HTTP make of our server, which echoes.
// Usage: node client.mjs PORT CA_FILE. Prints each failure; exits with their number.
import { readFileSync } from 'node:fs'
import https from 'node:https'
import WebSocket from 'ws'

const [port, caFile] = process.argv.slice(2)
const ca = readFileSync(caFile)
const url = (path) => `wss://localhost:${port}${path}`
let failures = 0
let checks = 0

function check(name, good, detail = '') {
  checks++
  if (good) return
  failures++
  console.log(`FAILED ${name} ${detail}`)
}

function open(path = '/echo', options = {}) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url(path), { ca, perMessageDeflate: false, ...options })
    socket.on('error', () => {})
    socket.once('open', () => resolve(socket))
    socket.once('close', (code) => reject(new Error(`closed ${code}`)))
    socket.once('unexpected-response', (_request, response) => reject(new Error(`${response.statusCode}`)))
  })
}
const next = (socket, event) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event}`)), 10_000)
    socket.once(event, (...values) => { clearTimeout(timer); resolve(values) })
  })
const text = (size) => {
  let all = ''
  for (let i = 0; all.length < size; i++) all += `{"i":${i},"x":${(i * 7919) % 997}}`
  return all.slice(0, size)
}
// A client's frame, built by hand so that it can be wrong.
function frame(first, payload, { masked = true } = {}) {
  const body = Buffer.from(payload)
  const head = body.length < 126 ? Buffer.from([first, body.length]) : Buffer.from([first, 126, body.length >> 8, body.length & 255])
  if (!masked) return Buffer.concat([head, body])
  head[1] |= 0x80
  const mask = Buffer.from([1, 2, 3, 4])
  for (let i = 0; i < body.length; i++) body[i] ^= mask[i % 4]
  return Buffer.concat([head, mask, body])
}

async function sizes(name, options) {
  const socket = await open('/echo', options)
  if (options.perMessageDeflate) check(`${name} is negotiated`, socket.extensions.includes('permessage-deflate'), socket.extensions)
  for (const size of [0, 1, 125, 126, 127, 4_096, 65_535, 65_536, 1_000_000]) {
    const sent = text(size)
    socket.send(sent)
    const [got] = await next(socket, 'message')
    check(`${name} ${size}`, got.toString() === sent)
  }
  for (let i = 0; i < 50; i++) socket.send(text(200 + i)) // the window goes on between messages
  for (let i = 0; i < 50; i++) check(`${name} many ${i}`, (await next(socket, 'message'))[0].toString() === text(200 + i))
  socket.close(1000)
  await next(socket, 'close')
}

async function fragments(name, options) {
  const socket = await open('/echo', options)
  const whole = text(100_000) + 'äöü€😀'
  const bytes = Buffer.from(whole)
  let pongs = 0
  socket.on('pong', (data) => { pongs += data.toString() === 'between' ? 1 : 0 })
  const answer = next(socket, 'message')
  for (let at = 0; at < bytes.length; at += 9_999) { // also inside characters
    socket.send(bytes.subarray(at, at + 9_999), { fin: at + 9_999 >= bytes.length, binary: false })
    socket.ping('between')
  }
  check(`${name} echo`, (await answer)[0].toString() === whole)
  socket.ping('between')
  await next(socket, 'pong')
  check(`${name} pongs`, pongs >= 11, pongs)
  socket.terminate()
}

async function closes() {
  for (const [code, reason] of [[1000, ''], [1001, 'going'], [3000, 'own'], [4999, 'x'.repeat(123)]]) {
    const socket = await open()
    socket.close(code, reason)
    const [got] = await next(socket, 'close')
    check(`close ${code}`, got === code, got)
  }
  const empty = await open()
  empty.close()
  check('close without a code', (await next(empty, 'close'))[0] === 1005)
}

async function violations() {
  const cases = [
    ['not masked', frame(0x81, 'x', { masked: false }), 1002],
    ['RSV1 without deflate', frame(0xc1, 'x'), 1002],
    ['RSV2', frame(0xa1, 'x'), 1002],
    ['opcode 3', frame(0x83, 'x'), 1002],
    ['opcode 11', frame(0x8b, 'x'), 1002],
    ['continues nothing', frame(0x80, 'x'), 1002],
    ['text inside a text', Buffer.concat([frame(0x01, 'x'), frame(0x81, 'y')]), 1002],
    ['fragmented ping', frame(0x09, 'x'), 1002],
    ['long ping', frame(0x89, 'x'.repeat(126)), 1002],
    ['close of one byte', frame(0x88, [3]), 1002],
    ['close 1006', frame(0x88, [3, 0xee]), 1002],
    ['close 999', frame(0x88, [3, 0xe7]), 1002],
    ['close reason not UTF-8', frame(0x88, [3, 0xe8, 0xff]), 1007],
    ['text not UTF-8', frame(0x81, [0xc0, 0x80]), 1007],
    ['surrogate', frame(0x81, [0xed, 0xa0, 0x80]), 1007],
    ['fragments not UTF-8', Buffer.concat([frame(0x01, [0xe2, 0x82]), frame(0x80, [0x28])]), 1007],
    ['too big', Buffer.from([0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4]), 1009],
  ]
  for (const [name, bytes, code] of cases) {
    const socket = await open()
    socket._socket.write(bytes)
    const [got] = await next(socket, 'close')
    check(name, got === code, got)
  }
  const deflated = await open('/echo', { perMessageDeflate: true })
  deflated._socket.write(frame(0xc1, [0xff, 0xff, 0xff, 0xff]))
  check('corrupt deflate', (await next(deflated, 'close'))[0] === 1007)
}

async function refusals() {
  const refused = await open('/refuse').then(() => 'opened', (error) => error.message)
  check('refused upgrade', refused === '403', refused)
  const version = await open('/echo', { protocolVersion: 8 }).then(() => 'opened', (error) => error.message)
  check('old version', version === '426', version)
}

function request(options, body) {
  return new Promise((resolve, reject) => {
    const call = https.request({ host: 'localhost', port, ca, ...options }, (response) => {
      let all = ''
      response.on('data', (part) => { all += part })
      response.on('end', () => resolve({ status: response.statusCode, body: all, headers: response.headers }))
    })
    call.on('error', reject)
    if (options.chunked) for (const part of body) call.write(part)
    else if (body) call.write(body)
    call.end()
  })
}

async function http() {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
  for (let i = 0; i < 10; i++) {
    const got = await request({ agent, path: `/n?i=${i}`, method: 'POST', headers: { 'content-length': 5 } }, 'hello')
    check('post', got.status === 200 && got.body === 'hello', JSON.stringify(got))
  }
  const chunked = await request({ agent, path: '/c', method: 'POST', chunked: true }, ['one', 'two', 'x'.repeat(70_000)])
  check('chunked', chunked.body === `onetwo${'x'.repeat(70_000)}`)
  const expect = await request({ agent, path: '/e', method: 'PUT', headers: { expect: '100-continue', 'content-length': 2 } }, 'ok')
  check('expect', expect.body === 'ok')
  const closing = await request({ path: '/z', method: 'GET', headers: { connection: 'close' } })
  check('close', closing.headers.connection === 'close')
  agent.destroy()
}

const variants = {
  plain: {},
  deflate: { perMessageDeflate: { threshold: 0 } },
  'deflate without takeover': { perMessageDeflate: { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true } },
  'deflate with small windows': { perMessageDeflate: { threshold: 0, serverMaxWindowBits: 9, clientMaxWindowBits: 9 } },
}
for (const [name, options] of Object.entries(variants)) {
  await sizes(name, options)
  await fragments(`${name} fragments`, options)
}
await closes()
await violations()
await refusals()
await http()
console.log(`${checks} checks, ${failures} failed`)
process.exit(failures === 0 ? 0 : 1)
