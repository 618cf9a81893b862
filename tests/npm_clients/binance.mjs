// The npm package `binance` (tiagosiebler): REST and WebSockets of spot and USD-M.
import { MainClient, USDMClient, WebsocketAPIClient, WebsocketClient } from 'binance'
import { check, finish, key, part, sim, sleep, thrown, until } from './harness.mjs'

const k = key('binance')
const keys = { api_key: k.id, api_secret: k.secret }
const spotDoor = sim.addresses['binance.spot']
const usdmDoor = sim.addresses['binance.usdm']
const spot = new MainClient({ ...keys, baseUrl: spotDoor.REST })
const usdm = new USDMClient({ ...keys, baseUrl: usdmDoor.REST })
const symbol = 'ETHUSDT'
const id = text => spot.getOrderIdPrefix() + text + Date.now()
const silent = { trace() {}, info() {}, error() {} }

await part('public', async () => {
  const info = await spot.getExchangeInfo()
  const market = info.symbols.find(s => s.symbol === symbol)
  check('symbol', market?.status === 'TRADING' && market.filters.some(f => f.filterType === 'LOT_SIZE'), market)
  check('limits', info.rateLimits.some(l => l.rateLimitType === 'REQUEST_WEIGHT' && l.limit === 6000), info.rateLimits)
  const book = await spot.getOrderBook({ symbol, limit: 10 })
  check('book', book.bids.length === 10 && +book.bids[0][0] < +book.asks[0][0], book)
  check('ticker', +(await spot.get24hrChangeStatistics({ symbol })).lastPrice > 0)
  check('candles', (await spot.getKlines({ symbol, interval: '1m' })).length > 0)
  check('perpetual', (await usdm.getExchangeInfo()).symbols.some(s => s.symbol === symbol && s.contractType === 'PERPETUAL'))
  const mark = await usdm.getMarkPrice({ symbol })
  check('mark price', +mark.markPrice > 0 && mark.nextFundingTime > Date.now(), mark)
})

let price = +(await spot.getSymbolPriceTicker({ symbol })).price
const near = factor => (price * factor).toFixed(2)

await part('spot orders', async () => {
  const placed = await spot.submitNewOrder({ symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 0.5, price: near(0.95), newClientOrderId: id('a') })
  check('placed', placed.status === 'NEW' && placed.orderId > 0, placed)
  // Its own amendOrderKeepPriority() of this version asks fapi.
  const amended = await spot.putPrivate('api/v3/order/amend/keepPriority', { symbol, orderId: placed.orderId, newQty: 0.2 })
  check('amended', +amended.amendedOrder.qty === 0.2, amended)
  const swapped = await spot.replaceOrder({ symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 0.3, price: near(0.94), cancelOrderId: placed.orderId, cancelReplaceMode: 'STOP_ON_FAILURE' })
  check('replaced', swapped.cancelResult === 'SUCCESS' && swapped.newOrderResponse.status === 'NEW', swapped)
  check('open', (await spot.getOpenOrders({ symbol })).length === 1)
  const gone = await spot.cancelOrder({ symbol, orderId: swapped.newOrderResponse.orderId })
  check('cancelled', gone.status === 'CANCELED', gone)
  const bought = await spot.submitNewOrder({ symbol, side: 'BUY', type: 'MARKET', quantity: 0.1, newOrderRespType: 'FULL' })
  check('bought', bought.status === 'FILLED' && bought.fills.length > 0 && bought.fills[0].commissionAsset === 'ETH', bought)
  const spent = await spot.submitNewOrder({ symbol, side: 'BUY', type: 'MARKET', quoteOrderQty: 100 })
  check('spent', spent.status === 'FILLED' && +spent.cummulativeQuoteQty <= 100 && +spent.cummulativeQuoteQty > 90, spent)
  const fills = await spot.getAccountTradeList({ symbol })
  check('fills', fills.some(f => f.orderId === bought.orderId), fills.at(-1))
  const account = await spot.getAccountInformation()
  check('account', account.canTrade && +account.balances.find(b => b.asset === 'ETH').free > 20, account.balances)
  check('coins', (await spot.getBalances()).some(c => c.coin === 'BTC' && c.networkList.length > 0))
  const error = await thrown(() => spot.submitNewOrder({ symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 500, price: near(0.95) }))
  check('too much', error?.code === -2010 && /insufficient balance/.test(error.message), error)
  check('unknown', (await thrown(() => spot.cancelOrder({ symbol, orderId: 1 })))?.code === -2011)
  check('bad symbol', (await thrown(() => spot.getOrderBook({ symbol: 'NOUSDT' })))?.code === -1121)
})

await part('transfer', async () => {
  const before = +(await usdm.getBalance()).find(b => b.asset === 'USDT').availableBalance
  const moved = await spot.submitUniversalTransfer({ type: 'MAIN_UMFUTURE', asset: 'USDT', amount: 1000 })
  check('transfer', moved.tranId > 0, moved)
  const after = +(await usdm.getBalance()).find(b => b.asset === 'USDT').availableBalance
  check('arrived', Math.abs(after - before - 1000) < 1, [before, after])
})

await part('USD-M', async () => {
  check('leverage', (await usdm.setLeverage({ symbol, leverage: 10 })).leverage === 10)
  const placed = await usdm.submitNewOrder({ symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 0.5, price: near(0.95) })
  check('placed', placed.status === 'NEW', placed)
  const modified = await usdm.modifyOrder({ symbol, side: 'BUY', orderId: placed.orderId, quantity: 0.4, price: near(0.94) })
  check('modified', +modified.origQty === 0.4, modified)
  check('cancelled', (await usdm.cancelOrder({ symbol, orderId: placed.orderId })).status === 'CANCELED')
  const long = await usdm.submitNewOrder({ symbol, side: 'BUY', type: 'MARKET', quantity: 0.5, newOrderRespType: 'RESULT' })
  check('long', long.status === 'FILLED', long)
  const position = (await usdm.getPositionsV3({ symbol }))[0]
  check('position', +position.positionAmt === 0.5 && +position.entryPrice > 0, position)
  const account = await usdm.getAccountInformationV3()
  check('account', +account.totalInitialMargin > 0 && +account.availableBalance > 0, account.totalInitialMargin)
  await usdm.submitNewOrder({ symbol, side: 'SELL', type: 'MARKET', quantity: 0.5, reduceOnly: 'true' })
  const fills = await usdm.getAccountTrades({ symbol })
  check('fills', fills.length >= 2 && fills[0].commissionAsset === 'USDT', fills.at(-1))
  check('nothing to reduce', (await thrown(() => usdm.submitNewOrder({ symbol, side: 'SELL', type: 'MARKET', quantity: 0.5, reduceOnly: 'true' })))?.code === -2022)
  const open = await usdm.submitNewOrder({ symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTX', quantity: 0.5, price: near(0.95) })
  check('post-only', open.status === 'NEW', open)
  await usdm.cancelAllOpenOrders({ symbol })
  check('all cancelled', (await usdm.getAllOpenOrders({ symbol })).length === 0)
})

/** Messages of one WebSocket client of this package. */
const listen = (wsUrl, options = {}) => {
  const client = new WebsocketClient({ ...keys, ...options, wsUrl, beautify: false }, silent)
  const got = []
  client.on('message', m => got.push(m))
  client.on('exception', e => console.log('exception', e))
  return { client, got }
}

await part('market streams', async () => {
  const a = listen(spotDoor.streams + '/stream')
  await a.client.subscribe(['ethusdt@trade', 'ethusdt@depth@100ms', 'ethusdt@bookTicker', 'ethusdt@kline_1m', 'ethusdt@miniTicker'], 'main')
  for (const e of ['trade', 'depthUpdate', 'kline', '24hrMiniTicker'])
    check('spot ' + e, await until(() => a.got.some(m => (m.data ?? m).e === e)), a.got.length)
  check('spot bookTicker', await until(() => a.got.some(m => (m.data ?? m).A !== undefined && (m.data ?? m).B !== undefined)))
  const depth = a.got.map(m => m.data ?? m).filter(m => m.e === 'depthUpdate')
  check('no gaps', depth.every((d, i) => i === 0 || d.U === depth[i - 1].u + 1), depth.map(d => [d.U, d.u]).slice(0, 5))
  a.client.closeAll(true)
  const b = listen(usdmDoor.streams + '/market/stream')
  await b.client.subscribe(['ethusdt@aggTrade', 'ethusdt@markPrice@1s'], 'usdmMarket')
  for (const e of ['aggTrade', 'markPriceUpdate'])
    check('USD-M ' + e, await until(() => b.got.some(m => (m.data ?? m).e === e)), b.got.length)
  b.client.closeAll(true)
  const c = listen(usdmDoor.streams + '/public/stream')
  await c.client.subscribe(['ethusdt@depth@100ms'], 'usdmPublic')
  await until(() => c.got.filter(m => (m.data ?? m).e === 'depthUpdate').length > 5)
  const chain = c.got.map(m => m.data ?? m).filter(m => m.e === 'depthUpdate')
  check('USD-M chain', chain.length > 5 && chain.every((d, i) => i === 0 || d.pu === chain[i - 1].u), chain.length)
  c.client.closeAll(true)
})

await part('user data of spot by WebSocket API', async () => {
  const events = []
  const api = new WebsocketAPIClient({ ...keys, wsUrl: spotDoor.streams, attachEventListeners: false }, silent)
  api.getWSClient().on('message', m => events.push(m.event ?? m))
  await api.subscribeUserDataStream('mainWSAPI')
  const placed = await api.submitNewSpotOrder({ symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 0.1, price: near(0.95), newClientOrderId: id('w'), timestamp: Date.now() })
  check('placed by socket', placed.result?.status === 'NEW', placed)
  check('told of it', await until(() => events.some(e => e.e === 'executionReport' && e.i === placed.result.orderId && e.x === 'NEW')), events)
  await api.cancelSpotOrder({ symbol, orderId: placed.result.orderId, timestamp: Date.now() })
  check('told of its end', await until(() => events.some(e => e.e === 'executionReport' && e.i === placed.result.orderId && e.x === 'CANCELED')))
  await spot.submitNewOrder({ symbol, side: 'SELL', type: 'MARKET', quantity: 0.1 })
  check('told of a fill', await until(() => events.some(e => e.e === 'executionReport' && e.X === 'FILLED' && e.S === 'SELL' && +e.n > 0 && e.N === 'USDT')))
  check('told of balances', events.some(e => e.e === 'outboundAccountPosition' && e.B.some(b => b.a === 'ETH')))
  const refused = await thrown(() => api.submitNewSpotOrder({ symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: 500, price: near(0.95), timestamp: Date.now() }))
  check('refused by socket', (refused?.error ?? refused)?.code === -2010, refused)
  api.getWSClient().closeAll(true)
})

await part('user data of USD-M by listen key', async () => {
  const { listenKey } = await usdm.getFuturesUserDataListenKey()
  check('listen key', listenKey?.length > 20, listenKey)
  const a = listen(usdmDoor.streams, { restOptions: { baseUrl: usdmDoor.REST } })
  await a.client.subscribeUsdFuturesUserDataStream()
  await sleep(500)
  await usdm.submitNewOrder({ symbol, side: 'BUY', type: 'MARKET', quantity: 0.1 })
  check('ORDER_TRADE_UPDATE', await until(() => a.got.some(m => m.e === 'ORDER_TRADE_UPDATE' && m.o.X === 'FILLED')), a.got)
  check('ACCOUNT_UPDATE', a.got.some(m => m.e === 'ACCOUNT_UPDATE' && m.a.P.some(p => p.s === symbol && +p.pa === 0.1)), a.got)
  await usdm.submitNewOrder({ symbol, side: 'SELL', type: 'MARKET', quantity: 0.1, reduceOnly: 'true' })
  await usdm.keepAliveFuturesUserDataListenKey()
  await usdm.closeFuturesUserDataListenKey()
  a.client.closeAll(true)
})
finish()
