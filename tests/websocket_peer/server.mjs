// The independent server: `ws` and Node's HTTPS, for our client. The path says what it does.
// Usage: node server.mjs CERT_FILE KEY_FILE. Prints its port; ends with its standard input.
import { readFileSync } from 'node:fs'
import https from 'node:https'
import { WebSocketServer } from 'ws'

const [cert, key] = process.argv.slice(2).map((file) => readFileSync(file))
const server = https.createServer({ cert, key }, (request, response) => {
  const url = new URL(request.url, 'https://x')
  let body = ''
  request.on('data', (part) => { body += part })
  request.on('end', () => {
    if (url.pathname === '/chunked') {
      for (let i = 0; i < 100; i++) response.write(`${i} ${'y'.repeat(i * 10)}\n`)
      return response.end('end')
    }
    if (url.pathname === '/close') response.setHeader('connection', 'close')
    if (url.pathname === '/reset') return request.socket.destroy()
    if (url.pathname === '/teapot') response.statusCode = 418
    response.end(`${request.method} ${request.url} ${body}`)
  })
})

const plain = new WebSocketServer({ noServer: true, perMessageDeflate: false })
const deflate = new WebSocketServer({ noServer: true, perMessageDeflate: { threshold: 0 } })
const forgetful = new WebSocketServer({
  noServer: true,
  perMessageDeflate: { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 10, clientMaxWindowBits: 10 },
})
const raw = {
  masked: [0x81, 0x81, 1, 2, 3, 4, 0x79],
  rsv: [0xc1, 1, 0x78],
  opcode: [0x83, 0],
  continuation: [0x80, 0],
  utf8: [0x81, 2, 0xc0, 0x80],
  'big-ping': [0x89, 126, 0, 126],
  'close-code': [0x88, 2, 3, 0xee],
  huge: [0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0],
}

server.on('upgrade', (request, socket, head) => {
  const url = new URL(request.url, 'https://x')
  const kind = url.pathname.slice(1)
  const endpoint = kind === 'deflate' ? deflate : kind === 'forgetful' ? forgetful : plain
  endpoint.handleUpgrade(request, socket, head, (peer) => {
    peer.on('error', (error) => console.error(error.code ?? error.message))
    if (raw[kind]) return void peer._socket.write(Buffer.from(raw[kind]))
    if (kind === 'close') return peer.close(Number(url.searchParams.get('code')), 'told to')
    if (kind === 'cut') return peer._socket.destroy()
    peer.on('message', (data, binary) => {
      if (kind !== 'fragments') return peer.send(data, { binary })
      for (let at = 0; at < data.length || at === 0; at += 1_000) {
        peer.send(data.subarray(at, at + 1_000), { fin: at + 1_000 >= data.length, binary })
        peer.ping('between')
      }
    })
  })
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
process.stdin.resume().on('end', () => process.exit(0))
