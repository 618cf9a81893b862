// The npm package `okx-api` (tiagosiebler): REST, streams and the order socket of OKX v5.
import { RestClient, WebsocketAPIClient, WebsocketClient } from 'okx-api'
import { check, finish, key, part, sim, sleep, thrown, until } from './harness.mjs'

const k = key('okx')
const keys = { apiKey: k.id, apiSecret: k.secret, apiPass: k.passphrase }
const okx = new RestClient({ ...keys, baseUrl: sim.addresses.okx.REST })
const socket = sim.addresses.okx.WebSocket
const instId = 'ETH-USDT'
const swap = 'ETH-USDT-SWAP'
const silent = { trace() {}, info() {}, error() {} }
const price = +(await okx.getTicker({ instId }))[0].last
const near = factor => (price * factor).toFixed(2)

await part('public', async () => {
  check('instrument', (await okx.getInstruments({ instType: 'SPOT' })).some(i => i.instId === instId && i.state === 'live'))
  const book = (await okx.getOrderBook({ instId, sz: '20' }))[0]
  check('book', book.bids.length === 20 && +book.bids[0][0] < +book.asks[0][0], book)
  check('candles', (await okx.getCandles({ instId, bar: '1m' })).length > 0)
  const funding = (await okx.getFundingRate({ instId: swap }))[0]
  check('funding', Math.abs(+funding.fundingRate) < 0.01, funding)
})

await part('orders', async () => {
  const placed = (await okx.submitOrder({ instId, tdMode: 'cash', side: 'buy', ordType: 'limit', sz: '0.1', px: near(0.95), clOrdId: 'mine1' }))[0]
  check('placed', placed.sCode === '0' && placed.ordId.length > 0, placed)
  check('amended', (await okx.amendOrder({ instId, ordId: placed.ordId, newSz: '0.2', newPx: near(0.94) }))[0].sCode === '0')
  const seen = (await okx.getOrderDetails({ instId, ordId: placed.ordId }))[0]
  check('seen', seen.state === 'live' && seen.sz === '0.2' && seen.clOrdId === 'mine1', seen)
  check('open', (await okx.getOrderList({ instType: 'SPOT' })).length === 1)
  check('cancelled', (await okx.cancelOrder({ instId, ordId: placed.ordId }))[0].sCode === '0')
  const bought = (await okx.submitOrder({ instId, tdMode: 'cash', side: 'buy', ordType: 'market', sz: '100', tgtCcy: 'quote_ccy' }))[0]
  await sleep(50)
  const filled = (await okx.getOrderDetails({ instId, ordId: bought.ordId }))[0]
  check('filled', filled.state === 'filled' && +filled.avgPx > 0 && +filled.fee < 0 && filled.feeCcy === 'ETH', filled)
  check('fills', (await okx.getFills({ instType: 'SPOT' })).some(f => f.ordId === bought.ordId))
  const balance = (await okx.getBalance())[0]
  check('balance', +balance.details.find(d => d.ccy === 'USDT').availBal > 1000, balance)
  const error = await thrown(() => okx.submitOrder({ instId, tdMode: 'cash', side: 'buy', ordType: 'limit', sz: '5000', px: near(0.95) }))
  check('too much', error?.data?.[0]?.sCode === '51008', error)
  const missing = await thrown(() => okx.cancelOrder({ instId, ordId: '123' }))
  check('unknown', missing?.data?.[0]?.sCode === '51603' || missing?.data?.[0]?.sCode === '51400', missing)
})

await part('swap', async () => {
  check('leverage', (await okx.setLeverage({ instId: swap, lever: '5', mgnMode: 'cross' }))[0].lever === '5')
  const order = (await okx.submitOrder({ instId: swap, tdMode: 'cross', side: 'sell', ordType: 'market', sz: '2' }))[0]
  check('sold', order.sCode === '0', order)
  await sleep(50)
  const position = (await okx.getPositions({ instId: swap }))[0]
  check('position', position.pos === '-2' && position.lever === '5' && +position.avgPx > 0, position)
  check('closed', (await okx.closePositions({ instId: swap, mgnMode: 'cross' }))[0].instId === swap)
  await sleep(50)
  check('flat', !(await okx.getPositions({ instId: swap })).some(p => +p.pos !== 0))
})

await part('prices and wallets', async () => {
  const index = await okx.getIndexCandles({ instId, bar: '1m' })
  const marks = await okx.getMarkPriceCandles({ instId: swap, bar: '1m' })
  for (const rows of [index, marks]) check('near the price', rows[0].length === 6 && rows[0][5] === '0' && Math.abs(+rows[0][4] / price - 1) < 0.05, rows[0])
  const open = (await okx.getOpenInterest({ instType: 'SWAP', instId: swap }))[0]
  check('open interest', +open.oi >= 0 && Math.abs(open.oiCcy * price - open.oiUsd) <= 0.05 * open.oiUsd, open)
  const tier = (await okx.getPositionTiers({ instType: 'SWAP', tdMode: 'cross', instFamily: instId }))[0]
  check('tier', tier.tier === '1' && +tier.maxLever > 1 && Math.abs(tier.imr * tier.maxLever - 1) < 1e-6, tier)
  const risk = (await okx.getAccountPositionRisk())[0]
  check('risk', risk.balData.some(b => b.ccy === 'USDT' && +b.eq > 1000), risk)
  check('no loans', (await okx.getInterestRate()).length === 0)
  await okx.fundsTransfer({ ccy: 'USDT', amt: '12', from: '18', to: '6', clientId: 'out1' })
  await okx.fundsTransfer({ ccy: 'USDT', amt: '5', from: '6', to: '18' })
  const bills = await okx.getAssetBillsDetails({ ccy: 'USDT' })
  check('asset bills', bills[0].type === '131' && bills[0].balChg === '-5' && bills[1].clientId === 'out1' && bills[0].bal - bills[1].bal === -5, bills)
  const worth = (await okx.getAccountAssetValuation({ ccy: 'USDT' }))[0]
  check('valuation', Math.abs(+worth.details.funding - bills[0].bal) < 1e-6 && +worth.totalBal > 1000, worth)
})

const listen = (path, topics) => {
  const client = new WebsocketClient({ accounts: [keys], wsUrl: socket + path }, silent)
  const got = []
  const said = []
  client.on('update', m => got.push(m))
  client.on('response', m => said.push(m))
  client.subscribe(topics)
  return { client, got, said }
}

await part('public streams', async () => {
  const a = listen('/public', [{ channel: 'books', instId }, { channel: 'trades', instId }, { channel: 'tickers', instId: swap }, { channel: 'mark-price', instId: swap }])
  for (const channel of ['books', 'trades', 'tickers', 'mark-price'])
    check(channel, await until(() => a.got.some(m => m.arg.channel === channel && m.data.length > 0)), a.said)
  await until(() => a.got.filter(m => m.arg.channel === 'books').length > 5)
  const books = a.got.filter(m => m.arg.channel === 'books')
  check('snapshot first', books[0].action === 'snapshot' && books[0].data[0].prevSeqId === -1, books[0])
  check('chain', books.every((b, i) => i === 0 || b.data[0].prevSeqId === books[i - 1].data[0].seqId), books.length)
  a.client.closeAll(true)
  const b = listen('/business', [{ channel: 'candle1m', instId }])
  check('candles', await until(() => b.got.some(m => m.arg.channel === 'candle1m')), b.said)
  b.client.closeAll(true)
})

await part('private streams', async () => {
  const a = listen('/private', [{ channel: 'orders', instType: 'ANY' }, { channel: 'account' }, { channel: 'positions', instType: 'ANY' }])
  check('account first', await until(() => a.got.some(m => m.arg.channel === 'account')), a.said)
  const order = (await okx.submitOrder({ instId, tdMode: 'cash', side: 'sell', ordType: 'limit', sz: '0.1', px: near(1.05) }))[0]
  check('live', await until(() => a.got.some(m => m.arg.channel === 'orders' && m.data[0].ordId === order.ordId && m.data[0].state === 'live')))
  await okx.cancelOrder({ instId, ordId: order.ordId })
  check('canceled', await until(() => a.got.some(m => m.arg.channel === 'orders' && m.data[0].ordId === order.ordId && m.data[0].state === 'canceled')))
  await okx.submitOrder({ instId: swap, tdMode: 'cross', side: 'buy', ordType: 'market', sz: '1' })
  check('position told', await until(() => a.got.some(m => m.arg.channel === 'positions' && m.data.some(p => p.instId === swap && p.pos === '1'))))
  await okx.closePositions({ instId: swap, mgnMode: 'cross' })
  a.client.closeAll(true)
})

await part('order socket', async () => {
  const api = new WebsocketAPIClient({ accounts: [keys], wsUrl: socket + '/private', attachEventListeners: false }, silent)
  const code = (await okx.getInstruments({ instType: 'SPOT', instId }))[0].instIdCode
  const placed = await api.submitNewOrder({ instIdCode: code, tdMode: 'cash', side: 'buy', ordType: 'limit', sz: '0.1', px: near(0.95) })
  check('placed by socket', placed.data?.[0]?.sCode === '0', placed)
  const gone = await api.cancelOrder({ instIdCode: code, ordId: placed.data[0].ordId })
  check('cancelled by socket', gone.data?.[0]?.sCode === '0', gone)
  const refused = await thrown(() => api.submitNewOrder({ instIdCode: code, tdMode: 'cash', side: 'buy', ordType: 'limit', sz: '5000', px: near(0.95) }))
  check('refused by socket', refused?.data?.[0]?.sCode === '51008', refused)
  api.getWSClient().closeAll(true)
})
finish()
