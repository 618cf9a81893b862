#pragma once

#include <memory>
#include <string>

#include "adapters/venues/binance/order_text.hpp"
#include "adapters/venues/common/live_gateway.hpp"

namespace parallax::binance {

struct OrderSettings {
    Product product = Product::Spot;
    /// Of the WebSocket API; USD-M: "wss://ws-fapi.binance.com".
    std::string socket_host = "wss://ws-api.binance.com:443";
    std::string stream_host = "wss://fstream.binance.com";  ///< USD-M: of the private stream
    /// recvWindow of orders, up to a minute: what comes later is refused. See
    /// GatewayConfig::settle.
    Nanos order_life = Nanos::seconds(2);
};

/// How Binance takes orders of one wallet, spot or USD-M (spot docs of 2026-07-21, USD-M SDK of
/// 2026-08-21), and tells of them. Spot: one socket of the WebSocket API for operations and user
/// data. USD-M: the WebSocket API for operations, and the private stream, whose address carries a
/// listen key. With an Ed25519 key a socket logs on once, with others each request is signed.
/// One-way positions. Batches (USD-M) go over REST.
class Orders final : public venue_common::OrderProtocol {
public:
    /// `tag`: of this instance. Universe and signer outlive it.
    Orders(const Universe& universe, Signer& signer, std::string_view tag, OrderSettings settings);
    ~Orders() override;

    [[nodiscard]] bool trades(Market market) const noexcept override { return market == market_; }
    [[nodiscard]] unsigned products() const noexcept override { return 1; }
    [[nodiscard]] unsigned product_of(const Instrument&) const noexcept override { return 0; }
    [[nodiscard]] std::size_t most_in_batch(unsigned) const noexcept override {
        return spot() ? 1 : 5;
    }

    [[nodiscard]] venue_common::RateRequest rate(venue_common::OrderVerb verb,
                                                 const Instrument& instrument,
                                                 std::size_t items) const noexcept override;
    [[nodiscard]] bool by_socket(const Instrument&) const noexcept override { return true; }
    [[nodiscard]] bool batches_by_socket() const noexcept override { return false; }
    [[nodiscard]] bool write_socket(const venue_common::OrderOperation& operation,
                                    std::string& out) override;
    [[nodiscard]] bool write_rest(const venue_common::OrderOperation& operation,
                                  venue_common::RestCall& out) override;
    void read_acks(const venue_common::RestAnswer& answer, std::size_t items,
                   std::vector<venue_common::OrderAck>& out) override;
    void feed_back(venue_common::RateLimiter& limiter, const venue_common::RateRequest& request,
                   const venue_common::OrderAck& ack, Nanos venue_ahead, UnixNanos now) override;

    [[nodiscard]] std::vector<venue_common::LinkOptions> links() const override;
    [[nodiscard]] std::size_t order_link() const noexcept override { return spot() ? 0 : 1; }
    [[nodiscard]] std::size_t stream_link() const noexcept override { return 0; }
    [[nodiscard]] std::optional<venue_common::RestCall> ask_stream_key() const override;
    [[nodiscard]] Result<std::string> read_stream_key(std::string_view body) override;
    [[nodiscard]] std::vector<venue_common::Ask> set_up(std::size_t link, venue_common::Link& keys,
                                                        UnixNanos venue_time) override;
    void read(std::size_t link, std::string_view message, UnixNanos received,
              venue_common::Incoming& out) override;

    /// An order on it went out some other way: its fills are asked for, too.
    void traded(const Instrument& instrument);

    [[nodiscard]] unsigned order_steps() const noexcept override { return 1; }
    [[nodiscard]] venue_common::RestCall ask(const venue_common::Question& question) const override;
    [[nodiscard]] Result<std::string> read(const venue_common::Question& question,
                                           std::string_view body,
                                           venue_common::Incoming& out) override;
    [[nodiscard]] Result<std::string> pass_over(const venue_common::Question& question) override;

private:
    class Reader;
    class Recovery;
    [[nodiscard]] bool spot() const noexcept { return settings_.product == Product::Spot; }
    [[nodiscard]] bool logs_on() const noexcept {
        return signer_.kind() == venue_common::KeyKind::Ed25519;
    }

    Signer& signer_;
    OrderSettings settings_;
    Market market_;
    venue_common::ClientIdText ids_;
    RequestText request_;
    std::unique_ptr<Reader> reader_;
    std::unique_ptr<Recovery> recovery_;
};

/// `config.desk.tag` names this instance at the venue. One gateway a wallet; `rest` is of the same
/// product.
[[nodiscard]] std::unique_ptr<venue_common::LiveGateway> make_order_gateway(
    ports::Transport& transport, venue_common::RestClient& rest, const Universe& universe,
    Signer& signer, OrderSettings settings, venue_common::GatewayConfig config);

}  // namespace parallax::binance
