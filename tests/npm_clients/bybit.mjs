// The npm package `bybit-api` (tiagosiebler): REST, streams and the order socket of Bybit v5.
import { RestClientV5, WebsocketAPIClient, WebsocketClient } from 'bybit-api'
import { check, finish, key, part, sim, sleep, until } from './harness.mjs'

const k = key('bybit')
const keys = { key: k.id, secret: k.secret }
const bybit = new RestClientV5({ ...keys, baseUrl: sim.addresses.bybit.REST })
const socket = sim.addresses.bybit.WebSocket
const symbol = 'ETHUSDT'
const silent = { trace() {}, info() {}, error() {} }
const price = +(await bybit.getTickers({ category: 'spot', symbol })).result.list[0].lastPrice
const near = factor => (price * factor).toFixed(2)
const good = (what, answer) => { check(what, answer.retCode === 0, answer); return answer.result }

await part('public', async () => {
  const rules = good('instruments', await bybit.getInstrumentsInfo({ category: 'linear', symbol }))
  check('rules', rules.list[0].status === 'Trading' && +rules.list[0].lotSizeFilter.qtyStep > 0, rules)
  const book = good('book', await bybit.getOrderbook({ category: 'spot', symbol, limit: 20 }))
  check('book is one', book.b.length === 20 && +book.b[0][0] < +book.a[0][0], book)
  check('candles', good('kline', await bybit.getKline({ category: 'spot', symbol, interval: '1' })).list.length > 0)
  check('time', Math.abs(await bybit.fetchServerTime() - Date.now() / 1000) < 2)
  check('trades', good('recent trades', await bybit.getPublicTradingHistory({ category: 'linear', symbol, limit: 5 })).list.length === 5)
})

await part('orders', async () => {
  const order = good('placed', await bybit.submitOrder({ category: 'spot', symbol, side: 'Buy', orderType: 'Limit', qty: '0.1', price: near(0.95), orderLinkId: 'mine-1' }))
  good('amended', await bybit.amendOrder({ category: 'spot', symbol, orderId: order.orderId, qty: '0.2', price: near(0.94) }))
  const open = good('open', await bybit.getActiveOrders({ category: 'spot', symbol }))
  check('seen', open.list.length === 1 && open.list[0].qty === '0.2' && open.list[0].orderLinkId === 'mine-1', open)
  good('cancelled', await bybit.cancelOrder({ category: 'spot', symbol, orderId: order.orderId }))
  const bought = good('bought', await bybit.submitOrder({ category: 'spot', symbol, side: 'Buy', orderType: 'Market', qty: '100', marketUnit: 'quoteCoin' }))
  await sleep(50)
  const filled = good('history', await bybit.getHistoricOrders({ category: 'spot', orderId: bought.orderId })).list[0]
  check('filled', filled?.orderStatus === 'Filled' || filled?.orderStatus === 'PartiallyFilledCanceled', filled)
  check('executions', good('execution list', await bybit.getExecutionList({ category: 'spot', orderId: bought.orderId })).list.length > 0)
  const wallet = good('wallet', await bybit.getWalletBalance({ accountType: 'UNIFIED' })).list[0]
  check('coins', +wallet.coin.find(c => c.coin === 'USDT').walletBalance > 1000 && +wallet.totalEquity > 0, wallet)
  check('too much', (await bybit.submitOrder({ category: 'spot', symbol, side: 'Buy', orderType: 'Limit', qty: '500', price: near(0.95) })).retCode === 170131)
  check('unknown', (await bybit.cancelOrder({ category: 'spot', symbol, orderId: '1' })).retCode === 170213)
  check('no symbol', (await bybit.getOrderbook({ category: 'spot', symbol: 'NOUSDT' })).retCode === 170121)
  const wrong = new RestClientV5({ key: k.id, secret: 'wrong', baseUrl: sim.addresses.bybit.REST })
  check('wrong secret', (await wrong.getWalletBalance({ accountType: 'UNIFIED' })).retCode === 10004)
})

await part('linear', async () => {
  const set = await bybit.setLeverage({ category: 'linear', symbol, buyLeverage: '7', sellLeverage: '7' })
  check('leverage', set.retCode === 0, set)
  good('long', await bybit.submitOrder({ category: 'linear', symbol, side: 'Buy', orderType: 'Market', qty: '0.5' }))
  await sleep(50)
  const position = good('positions', await bybit.getPositionInfo({ category: 'linear', symbol })).list[0]
  check('position', position.size === '0.5' && position.side === 'Buy' && position.leverage === '7', position)
  good('short', await bybit.submitOrder({ category: 'linear', symbol, side: 'Sell', orderType: 'Market', qty: '0.5', reduceOnly: true }))
  await sleep(50)
  check('flat', +good('positions again', await bybit.getPositionInfo({ category: 'linear', symbol })).list[0].size === 0)
  const batch = good('batch', await bybit.batchSubmitOrders('linear', [0.95, 0.94].map(f => ({ symbol, side: 'Buy', orderType: 'Limit', qty: '0.1', price: near(f) }))))
  check('two', batch.list.length === 2, batch)
  check('all cancelled', good('cancel all', await bybit.cancelAllOrders({ category: 'linear', symbol })).list.length === 2)
})

await part('prices and the past', async () => {
  const linear = { category: 'linear', symbol }
  const marks = good('mark kline', await bybit.getMarkPriceKline({ ...linear, interval: '1' })).list
  const index = good('index kline', await bybit.getIndexPriceKline({ ...linear, interval: '1' })).list
  for (const rows of [marks, index]) check('near the price', rows[0].length === 5 && Math.abs(+rows[0][4] / price - 1) < 0.05, rows[0])
  const open = good('open interest', await bybit.getOpenInterest({ ...linear, intervalTime: '5min' })).list
  check('a sample', open.length > 0 && +open[0].openInterest >= 0, open)
  check('tiers', good('risk limit', await bybit.getRiskLimit(linear)).list[0].isLowestRisk === 1)
  const closed = good('closed', await bybit.getClosedPnL(linear)).list[0]
  const pnl = closed.cumExitValue - closed.cumEntryValue - closed.openFee - closed.closeFee
  check('after its fees', closed.side === 'Sell' && closed.closedSize === '0.5' && Math.abs(closed.closedPnl - pnl) < 1e-6, closed)
  const log = good('log', await bybit.getTransactionLog({ accountType: 'UNIFIED', currency: 'USDT' })).list
  const held = good('wallet', await bybit.getWalletBalance({ accountType: 'UNIFIED' })).list[0].coin.find(c => c.coin === 'USDT').walletBalance
  check('to the last unit', log[0].cashBalance === held && log.every((row, i) => i === 0 || Math.abs(log[i - 1].cashBalance - log[i - 1].change - row.cashBalance) < 1e-6), log)
  check('no deposits', good('deposits', await bybit.getDepositRecords({ coin: 'USDT' })).rows.length === 0)
  check('no withdrawals', good('withdrawals', await bybit.getWithdrawalRecords({ coin: 'USDT' })).rows.length === 0)
  check('may not withdraw', (await bybit.submitWithdrawal({ coin: 'USDT', chain: 'USDT', address: 'home', amount: '1', timestamp: Date.now(), accountType: 'FUND' })).retCode === 10005)
  check('margin', good('collateral', await bybit.getCollateralInfo('USDT')).list[0].marginCollateral === true)
  check('no loans', good('borrowings', await bybit.getBorrowHistory()).list.length === 0)
})

const listen = (path, topics, category, secret = {}) => {
  const client = new WebsocketClient({ market: 'v5', ...secret, wsUrl: socket + path }, silent)
  const got = []
  const said = []
  client.on('update', m => got.push(m))
  client.on('response', m => said.push(m))
  client.on('exception', m => said.push(m))
  client.subscribeV5(topics, category)
  return { client, got, said }
}

await part('public streams', async () => {
  for (const category of ['spot', 'linear']) {
    const a = listen('/public/' + category, [`orderbook.50.${symbol}`, `publicTrade.${symbol}`, `tickers.${symbol}`, `kline.1.${symbol}`], category)
    for (const topic of ['orderbook.50', 'publicTrade', 'tickers', 'kline.1'])
      check(`${category} ${topic}`, await until(() => a.got.some(m => m.topic === `${topic}.${symbol}`)), a.said)
    await until(() => a.got.filter(m => m.topic.startsWith('orderbook')).length > 5)
    const books = a.got.filter(m => m.topic.startsWith('orderbook'))
    check('snapshot first', books[0].type === 'snapshot' && books[0].data.b.length > 40, books[0])
    check('rising', books.every((b, i) => i === 0 || b.data.u === books[i - 1].data.u + 1), books.map(b => b.data.u))
    a.client.closeAll(true)
  }
})

await part('private streams', async () => {
  const a = listen('/private', ['order', 'execution', 'position', 'wallet'], 'linear', keys)
  await sleep(1_000)
  const order = good('placed', await bybit.submitOrder({ category: 'linear', symbol, side: 'Sell', orderType: 'Limit', qty: '0.1', price: near(1.05) }))
  check('New', await until(() => a.got.some(m => m.topic === 'order' && m.data[0].orderId === order.orderId && m.data[0].orderStatus === 'New')), a.said)
  await bybit.cancelOrder({ category: 'linear', symbol, orderId: order.orderId })
  check('Cancelled', await until(() => a.got.some(m => m.topic === 'order' && m.data[0].orderId === order.orderId && m.data[0].orderStatus === 'Cancelled')))
  await bybit.submitOrder({ category: 'linear', symbol, side: 'Sell', orderType: 'Market', qty: '0.1' })
  for (const topic of ['execution', 'position', 'wallet']) check(topic, await until(() => a.got.some(m => m.topic === topic)), a.got.map(m => m.topic))
  await bybit.submitOrder({ category: 'linear', symbol, side: 'Buy', orderType: 'Market', qty: '0.1', reduceOnly: true })
  a.client.closeAll(true)
})

await part('order socket', async () => {
  const api = new WebsocketAPIClient({ ...keys, wsUrl: socket + '/trade', attachEventListeners: false }, silent)
  const placed = await api.submitNewOrder({ category: 'linear', symbol, side: 'Buy', orderType: 'Limit', qty: '0.1', price: near(0.95) })
  check('placed by socket', placed.retCode === 0 && placed.data.orderId, placed)
  const amended = await api.amendOrder({ category: 'linear', symbol, orderId: placed.data.orderId, qty: '0.2' })
  check('amended by socket', amended.retCode === 0, amended)
  const gone = await api.cancelOrder({ category: 'linear', symbol, orderId: placed.data.orderId })
  check('cancelled by socket', gone.retCode === 0, gone)
  api.getWSClient().closeAll(true)
})
finish()
