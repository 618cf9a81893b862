#pragma once

#include <array>
#include <memory>
#include <string>

#include "adapters/venues/bybit/sign.hpp"
#include "adapters/venues/common/live_gateway.hpp"

namespace parallax::bybit {

struct OrderSettings {
    std::string socket_host = "wss://stream.bybit.com";
    bool trade_socket = true;  ///< the demo environment has none: orders go over REST
};

/// How Bybit takes spot and USDT-perpetual orders and tells of them (v5 docs, copy of 2026-07-24):
/// the trade socket or REST for operations, the private socket for `order`, `execution` and
/// `wallet`. Unified account, one-way positions.
class Orders final : public venue_common::OrderProtocol {
public:
    /// `tag`: of this instance. Universe and signer outlive it.
    Orders(const Universe& universe, const Signer& signer, std::string_view tag,
           OrderSettings settings);
    ~Orders() override;

    [[nodiscard]] bool trades(Market market) const noexcept override {
        return market == Market::BybitSpot || market == Market::BybitLinear;
    }
    /// Spot, linear.
    [[nodiscard]] unsigned products() const noexcept override { return 2; }
    [[nodiscard]] unsigned product_of(const Instrument& instrument) const noexcept override {
        return instrument.market == Market::BybitSpot ? 0 : 1;
    }
    [[nodiscard]] std::size_t most_in_batch(unsigned product) const noexcept override {
        return product == 0 ? 10 : 20;
    }

    [[nodiscard]] venue_common::RateRequest rate(venue_common::OrderVerb verb,
                                                 const Instrument& instrument,
                                                 std::size_t items) const noexcept override;
    [[nodiscard]] bool by_socket(const Instrument&) const noexcept override {
        return settings_.trade_socket;
    }
    [[nodiscard]] bool write_socket(const venue_common::OrderOperation& operation,
                                    std::string& out) override;
    [[nodiscard]] bool write_rest(const venue_common::OrderOperation& operation,
                                  venue_common::RestCall& out) override;
    void read_acks(const venue_common::RestAnswer& answer, std::size_t items,
                   std::vector<venue_common::OrderAck>& out) override;
    void feed_back(venue_common::RateLimiter& limiter, const venue_common::RateRequest& request,
                   const venue_common::OrderAck& ack, Nanos venue_ahead, UnixNanos now) override;

    [[nodiscard]] std::vector<venue_common::LinkOptions> links() const override;
    [[nodiscard]] std::size_t order_link() const noexcept override {
        return settings_.trade_socket ? 1 : 0;
    }
    [[nodiscard]] std::size_t stream_link() const noexcept override { return 0; }
    [[nodiscard]] std::vector<venue_common::Ask> set_up(std::size_t link, venue_common::Link& keys,
                                                        UnixNanos venue_time) override;
    void read(std::size_t link, std::string_view message, UnixNanos received,
              venue_common::Incoming& out) override;

    /// The list of open and recent orders, then the history.
    [[nodiscard]] unsigned order_steps() const noexcept override { return 2; }
    [[nodiscard]] venue_common::RestCall ask(const venue_common::Question& question) const override;
    [[nodiscard]] Result<std::string> read(const venue_common::Question& question,
                                           std::string_view body,
                                           venue_common::Incoming& out) override;

private:
    class Reader;
    bool write_request(const venue_common::OrderOperation& operation, std::string& out) const;
    bool write_item(venue_common::OrderVerb verb, const venue_common::OrderItem& item,
                    bool category, std::string& out) const;

    const Universe& universe_;
    const Signer& signer_;
    OrderSettings settings_;
    venue_common::ClientIdText ids_;
    std::array<std::uint64_t, 2> login_keys_{};
    std::unique_ptr<Reader> reader_;
};

/// `config.desk.tag` names this instance at the venue.
[[nodiscard]] std::unique_ptr<venue_common::LiveGateway> make_order_gateway(
    ports::Transport& transport, venue_common::RestClient& rest, const Universe& universe,
    const Signer& signer, OrderSettings settings, venue_common::GatewayConfig config);

}  // namespace parallax::bybit
