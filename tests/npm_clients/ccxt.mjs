// ccxt (REST and pro) against all three venues: nothing but the addresses is changed.
import ccxt from 'ccxt'
import { check, finish, hosts, key, part, sim, sleep, thrown, until } from './harness.mjs'

const only = process.env.PARALLAX_ONLY

/** The same exchange class, its URLs pointing at the simulation. */
const make = (name, options = {}, account = 0) => {
  const k = key(name, account)
  const exchange = new ccxt.pro[name]({ apiKey: k.id, secret: k.secret, password: k.passphrase, ...options })
  if (name === 'binance') {
    exchange.hostname = hosts.get('api.binance.com')
    const move = node => (typeof node === 'string' ? node.replace(/binance\.com(:\d+)?/, exchange.hostname)
      : Object.fromEntries(Object.entries(node).map(([n, v]) => [n, move(v)])))
    exchange.urls.api = move(exchange.urls.api)
    return exchange
  }
  const move = node => {
    if (typeof node !== 'string') return Object.fromEntries(Object.entries(node).map(([n, v]) => [n, move(v)]))
    const url = exchange.implodeHostname(node)
    for (const [real, ours] of hosts) if (url.includes(`//${real}/`) || url.endsWith(`//${real}`)) return url.replace(real, ours)
    return url
  }
  exchange.urls.api = move(exchange.urls.api)
  return exchange
}

const near = (a, b, part) => Math.abs(a / b - 1) < part

for (const name of ['binance', 'okx', 'bybit']) {
  if (only && only !== name) continue
  const exchange = make(name)
  const what = text => `${name}: ${text}`
  const spot = 'BTC/USDT'
  const swap = 'BTC/USDT:USDT'
  // ccxt wants to hear that Bybit remembers 500 orders only.
  const fetchOrder = (id, symbol) => exchange.fetchOrder(id, symbol, name === 'bybit' ? { acknowledged: true } : {})

  await part(what('markets'), async () => {
    const markets = await exchange.loadMarkets()
    for (const symbol of [spot, 'ETH/USDT', 'PEPE/USDT', 'BTC/USDC', 'ETH/BTC', swap, 'SOL/USDT:USDT'])
      check(what(symbol), markets[symbol]?.active === true, markets[symbol]?.info)
    check(what('limits'), markets[spot].limits.amount.min > 0 && markets[spot].precision.price > 0, markets[spot].limits)
    check(what('kind'), markets[swap].swap && markets[swap].linear && markets[swap].settle === 'USDT')
    const currencies = await exchange.fetchCurrencies()
    check(what('currencies'), currencies.BTC?.active !== false && currencies.USDT !== undefined, Object.keys(currencies))
    check(what('time'), Math.abs(await exchange.fetchTime() - Date.now()) < 1_000)
    check(what('status'), (await exchange.fetchStatus?.())?.status === 'ok' || name === 'bybit')
  })

  await part(what('public REST'), async () => {
    for (const symbol of [spot, swap]) {
      const book = await exchange.fetchOrderBook(symbol, 20)
      check(what('book ' + symbol), book.bids.length >= 20 && book.asks.length >= 20 && book.bids[0][0] < book.asks[0][0], book)
      const ticker = await exchange.fetchTicker(symbol)
      check(what('ticker ' + symbol), near(ticker.last, book.bids[0][0], 0.02) && ticker.high >= ticker.low, ticker)
      const trades = await exchange.fetchTrades(symbol, undefined, 20)
      check(what('trades ' + symbol), trades.length > 5 && trades[0].price > 0 && ['buy', 'sell'].includes(trades[0].side), trades[0])
      const candles = await exchange.fetchOHLCV(symbol, '1m', undefined, 5)
      check(what('candles ' + symbol), candles.length > 0 && candles.at(-1)[2] >= candles.at(-1)[3], candles)
    }
    const tickers = await exchange.fetchTickers([spot, 'ETH/USDT'])
    check(what('tickers'), tickers[spot]?.last > 0 && tickers['ETH/USDT']?.last > 0, Object.keys(tickers))
    const funding = await exchange.fetchFundingRate(swap)
    check(what('funding rate'), Math.abs(funding.fundingRate) < 0.01 && funding.fundingTimestamp > Date.now(), funding)
    const mids = exchange.has.fetchBidsAsks ? await exchange.fetchBidsAsks([spot]) : undefined
    check(what('bids and asks'), mids === undefined || mids[spot].bid < mids[spot].ask, mids)
  })

  await part(what('what is told and not traded'), async () => {
    for (const [kind, fetch] of [['mark', 'fetchMarkOHLCV'], ['index', 'fetchIndexOHLCV'], ['premium', 'fetchPremiumIndexOHLCV']]) {
      if (!exchange.has[fetch]) continue
      const candles = await exchange[fetch](swap, '1m')
      check(what(kind + ' candles'), candles.length > 0 && candles.at(-1)[2] >= candles.at(-1)[3], candles)
    }
    const open = await exchange.fetchOpenInterestHistory(swap, '5m')
    check(what('open interest before'), open.length > 0 && (open.at(-1).openInterestAmount ?? open.at(-1).openInterestValue) > 0, open)
    check(what('mark price'), name === 'bybit' || (await exchange.fetchMarkPrice(swap)).markPrice > 0)
    check(what('deposit address'), (await exchange.fetchDepositAddress('USDT', name === 'bybit' ? { network: 'USDT' } : {})).address.length > 3)
    check(what('paid funding'), Array.isArray(await exchange.fetchFundingHistory(swap)))
    if (name === 'binance') check(what('fees'), Object.keys(await exchange.fetchTradingFees()).length > 3)
    if (name === 'bybit') check(what('closed positions'), Array.isArray(await exchange.fetchPositionsHistory([swap])))
    if (name === 'okx') check(what('transfers'), Array.isArray(await exchange.fetchTransfers()))
    if (name !== 'binance') return
    check(what('liquidations'), (await exchange.fetchMyLiquidations(swap)).length === 0)
    check(what('long/short accounts'), Array.isArray(await exchange.fetchLongShortRatioHistory(swap, '5m')))
    check(what('queue of forced closes'), (await exchange.fetchADLRank(swap)).rating !== undefined)
  })

  await part(what('orders on spot'), async () => {
    const before = await exchange.fetchBalance()
    check(what('balance'), before.USDT.free > 50_000 && before.BTC.free > 1, before.USDT)
    const price = (await exchange.fetchTicker(spot)).last
    const low = exchange.priceToPrecision(spot, price * 0.95)
    const order = await exchange.createOrder(spot, 'limit', 'buy', 0.01, low, { clientOrderId: 'simtest1' })
    check(what('id'), order.id?.length > 0, order)
    const seen = await fetchOrder(order.id, spot)
    check(what('order'), seen.status === 'open' && seen.clientOrderId === 'simtest1' && seen.remaining === 0.01 && seen.price == low, seen)
    const held = await exchange.fetchBalance()
    check(what('held'), near(held.USDT.used, 0.01 * low, 0.01), held.USDT)
    check(what('open orders'), (await exchange.fetchOpenOrders(spot)).some(o => o.id === order.id))
    const lower = exchange.priceToPrecision(spot, price * 0.94)
    const edited = await exchange.editOrder(order.id, spot, 'limit', 'buy', 0.02, lower)
    const after = await fetchOrder(edited.id, spot)
    check(what('amended'), after.status === 'open' && after.amount === 0.02 && after.price == lower, after)
    await exchange.cancelOrder(edited.id, spot)
    const gone = await fetchOrder(edited.id, spot).catch(e => ({ status: e.constructor.name }))
    check(what('cancelled'), gone.status === 'canceled', gone)
    check(what('no open orders'), (await exchange.fetchOpenOrders(spot)).length === 0)

    const market = await exchange.createOrder(spot, 'market', 'buy', 0.01)
    await sleep(50)
    const filled = await fetchOrder(market.id, spot)
    check(what('filled'), filled.status === 'closed' && filled.filled === 0.01 && near(filled.average, price, 0.02), filled)
    const mine = await exchange.fetchMyTrades(spot)
    const fills = mine.filter(t => t.order === market.id)
    check(what('fills'), fills.length > 0 && near(fills.reduce((s, t) => s + t.amount, 0), 0.01, 1e-9), mine.at(-1))
    check(what('fee'), fills.every(t => t.fee.currency === 'BTC' && near(t.fee.cost, t.amount * 0.001, 0.01)), fills[0]?.fee)
    const end = await exchange.fetchBalance()
    check(what('bought'), end.BTC.total > before.BTC.total + 0.0098 && end.USDT.total < before.USDT.total, end.BTC)
    const sold = await exchange.createOrder(spot, 'limit', 'sell', 0.01, exchange.priceToPrecision(spot, price * 0.98), { timeInForce: 'IOC' })
    await sleep(50)
    check(what('IOC'), (await fetchOrder(sold.id, spot)).filled > 0)
    const closed = name === 'binance' ? await exchange.fetchOrders(spot) : await exchange.fetchClosedOrders(spot)
    check(what('history'), closed.some(o => o.id === market.id), closed.map(o => o.id))
    const many = []
    for (const p of [0.93, 0.92]) many.push(await exchange.createOrder(spot, 'limit', 'buy', 0.01, exchange.priceToPrecision(spot, price * p), { postOnly: true }))
    check(what('post-only'), (await exchange.fetchOpenOrders(spot)).length === 2)
    if (exchange.has.cancelAllOrders) await exchange.cancelAllOrders(spot)
    else await exchange.cancelOrders(many.map(o => o.id), spot)
    check(what('all cancelled'), (await exchange.fetchOpenOrders(spot)).length === 0)
  })

  await part(what('perpetual'), async () => {
    const market = exchange.market(swap)
    const price = (await exchange.fetchTicker(swap)).last
    const size = name === 'okx' ? 1 : 0.01 // contracts of 0.01 BTC at OKX
    await exchange.setLeverage(5, swap).catch(e => check(what('leverage'), /not modified/.test(e.message), e.message))
    const order = await exchange.createOrder(swap, 'limit', 'buy', size, exchange.priceToPrecision(swap, price * 0.95))
    const edited = await exchange.editOrder(order.id, swap, 'limit', 'buy', size * 2, exchange.priceToPrecision(swap, price * 0.96))
    const seen = await fetchOrder(edited.id, swap)
    check(what('amended perpetual'), seen.amount === size * 2 && seen.status === 'open', seen)
    await exchange.cancelOrder(edited.id, swap)
    await exchange.createOrder(swap, 'market', 'buy', size)
    await sleep(50)
    const position = (await exchange.fetchPositions([swap])).find(p => p.symbol === swap)
    check(what('position'), position?.contracts === size && position.side === 'long' && near(position.entryPrice, price, 0.02), position)
    check(what('position leverage'), position?.leverage === 5 || name === 'binance', position)
    const balance = await exchange.fetchBalance({ type: 'swap' })
    check(what('margin'), balance.USDT.total > 50_000 && balance.USDT.free < balance.USDT.total, balance.USDT)
    await exchange.createOrder(swap, 'market', 'sell', size, undefined, { reduceOnly: true })
    await sleep(50)
    const left = (await exchange.fetchPositions([swap])).find(p => p.symbol === swap)
    check(what('closed position'), !(left?.contracts > 0), left)
    const fills = await exchange.fetchMyTrades(swap)
    check(what('fills of the perpetual'), fills.length >= 2 && fills.every(t => t.fee.currency === 'USDT'), fills.at(-1))
    check(what('contract size'), market.contractSize > 0)
  })

  await part(what('errors'), async () => {
    const price = (await exchange.fetchTicker(spot)).last
    const low = exchange.priceToPrecision(spot, price * 0.95)
    const raises = async (text, kind, body) => {
      const error = await thrown(body)
      check(what(text), error instanceof kind, `${error?.constructor.name}: ${error?.message}`)
    }
    await raises('too much money', ccxt.InsufficientFunds, () => exchange.createOrder(spot, 'limit', 'buy', 50, low))
    await raises('too much margin', ccxt.InsufficientFunds, () => exchange.createOrder(swap, 'limit', 'buy', name === 'okx' ? 9_000 : 90, exchange.priceToPrecision(swap, price * 0.96)))
    // ccxt calls Binance's -1013 of NOTIONAL a BadRequest.
    await raises('too little', name === 'binance' ? ccxt.BadRequest : ccxt.InvalidOrder, () => exchange.createOrder(spot, 'limit', 'buy', name === 'okx' ? 0.000001 : 0.00001, low))
    await raises('no such order', ccxt.OrderNotFound, () => exchange.cancelOrder('1234567890123456', spot))
    await raises('no such symbol', ccxt.BadSymbol, () => exchange.fetchOrderBook('NO/USDT'))
    const stranger = make(name, { apiKey: key(name).id, secret: 'x'.repeat(32) })
    await raises('wrong secret', ccxt.AuthenticationError, () => stranger.fetchBalance())
    const nobody = make(name, { apiKey: name === 'okx' ? '00000000-0000-0000-0000-000000000000' : 'nobody' })
    // ccxt has no class for OKX's 50119.
    await raises('unknown key', name === 'okx' ? ccxt.ExchangeError : ccxt.AuthenticationError, () => nobody.fetchBalance())
    const late = make(name)
    late.milliseconds = () => Date.now() - 120_000
    late.nonce = late.milliseconds
    await raises('a clock that is late', ccxt.InvalidNonce, () => late.fetchBalance())
  })

  await part(what('public streams'), async () => {
    for (const symbol of [spot, swap]) {
      let book
      for (let i = 0; i < 5; i++) book = await exchange.watchOrderBook(symbol)
      check(what('watched book ' + symbol), book.bids[0][0] < book.asks[0][0] && book.bids.length > 10, [book.bids[0], book.asks[0]])
      const rest = await exchange.fetchOrderBook(symbol)
      check(what('same price ' + symbol), near(rest.bids[0][0], book.bids[0][0], 0.002))
      const ticker = await exchange.watchTicker(symbol)
      check(what('watched ticker ' + symbol), ticker.last > 0 && ticker.symbol === symbol, ticker)
      const trades = await exchange.watchTrades(symbol)
      check(what('watched trades ' + symbol), trades.length > 0 && trades[0].price > 0 && trades[0].symbol === symbol, trades[0])
      const candles = await exchange.watchOHLCV(symbol, '1m')
      check(what('watched candles ' + symbol), candles.length > 0 && candles[0][1] > 0, candles[0])
    }
  })

  await part(what('user streams'), async () => {
    for (const symbol of [spot, swap]) {
      const orders = []
      const balances = []
      const fills = []
      let on = true
      const collect = async (method, into, ...more) => {
        while (on) {
          const got = await exchange[method](...more).catch(e => { if (on) check(what(method), false, e.message) })
          if (got === undefined) return
          if (Array.isArray(got)) into.push(...structuredClone(got.map(o => ({ ...o }))))
          else into.push(got)
        }
      }
      const type = symbol === swap ? 'swap' : 'spot'
      void collect('watchOrders', orders, symbol)
      void collect('watchMyTrades', fills, symbol)
      void collect('watchBalance', balances, name === 'bybit' ? {} : { type: symbol === swap && name === 'binance' ? 'future' : type })
      await sleep(1_500)
      const price = (await exchange.fetchTicker(symbol)).last
      const size = symbol === swap && name === 'okx' ? 1 : 0.01
      const resting = await exchange.createOrder(symbol, 'limit', 'sell', size, exchange.priceToPrecision(symbol, price * 1.05))
      check(what('told of an order ' + symbol), await until(() => orders.some(o => o.id === resting.id && o.status === 'open')), orders)
      await exchange.cancelOrder(resting.id, symbol)
      check(what('told of its end ' + symbol), await until(() => orders.some(o => o.id === resting.id && o.status === 'canceled')), orders)
      const taken = await exchange.createOrder(symbol, 'market', 'sell', size)
      check(what('told of a fill ' + symbol), await until(() => orders.some(o => o.id === taken.id && o.status === 'closed' && o.filled === size)), orders)
      check(what('told of a trade ' + symbol), await until(() => fills.some(o => o.order === taken.id)), fills)
      check(what('told of balances ' + symbol), await until(() => balances.length > 0), balances.length)
      await exchange.createOrder(symbol, 'market', 'buy', size)
      await sleep(100)
      on = false
    }
  })

  await part(what('orders by socket'), async () => {
    const price = (await exchange.fetchTicker(spot)).last
    const order = await exchange.createOrderWs(spot, 'limit', 'buy', 0.01, exchange.priceToPrecision(spot, price * 0.95))
    check(what('placed by socket'), order.id?.length > 0, order)
    await exchange.cancelOrderWs(order.id, spot)
    const gone = await fetchOrder(order.id, spot).catch(e => ({ status: e.constructor.name }))
    check(what('cancelled by socket'), gone.status === 'canceled', gone)
    const error = await thrown(() => exchange.createOrderWs(spot, 'limit', 'buy', 50, exchange.priceToPrecision(spot, price * 0.95)))
    check(what('refused by socket'), error instanceof ccxt.InsufficientFunds, `${error?.constructor.name}: ${error?.message}`)
  })

  await part(what('limits'), async () => {
    const hasty = make(name, { enableRateLimit: false })
    hasty.markets = exchange.markets
    await hasty.loadMarkets()
    let error
    for (let i = 0; i < 40 && !error; i++) {
      const asked = await Promise.allSettled(Array.from({ length: 30 }, () => hasty.fetchOrderBook(spot, name === 'binance' ? 5_000 : 5)))
      error = asked.find(a => a.status === 'rejected')?.reason
    }
    // DDoSProtection is the parent of RateLimitExceeded; Bybit's ban is an HTTP 403.
    check(what('too many requests'), error instanceof ccxt.DDoSProtection || error instanceof ccxt.RateLimitExceeded || (name === 'bybit' && error instanceof ccxt.ExchangeError || error instanceof ccxt.PermissionDenied), `${error?.constructor.name}: ${error?.message}`)
  })
  await exchange.close()
}
finish()
