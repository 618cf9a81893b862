#pragma once

#include <memory>
#include <string>

#include "adapters/venues/common/live_gateway.hpp"
#include "adapters/venues/okx/sign.hpp"

namespace parallax::okx {

struct OrderSettings {
    std::string socket_host = "wss://ws.okx.com:8443";
    bool demo = false;
    /// Spot orders of accounts in multi-currency or portfolio margin mode.
    bool spot_cross = false;
    std::string order_tag;                 ///< shown by the venue, at most 16 letters and digits
    Nanos order_life = Nanos::seconds(5);  ///< expTime: later it is not executed
};

/// How OKX takes SPOT and SWAP orders and tells of them (v5 docs, copy of 2026-07-28): operations
/// and the channels `orders` and `account` on one private socket, or REST. Net positions, cross
/// margin.
class Orders final : public venue_common::OrderProtocol {
public:
    /// `tag`: of this instance. Universe and signer outlive it.
    Orders(const Universe& universe, const Signer& signer, std::string_view tag,
           OrderSettings settings);
    ~Orders() override;

    [[nodiscard]] bool trades(Market market) const noexcept override {
        return market == Market::Okx;
    }
    [[nodiscard]] unsigned products() const noexcept override { return 1; }
    [[nodiscard]] unsigned product_of(const Instrument&) const noexcept override { return 0; }
    [[nodiscard]] std::size_t most_in_batch(unsigned) const noexcept override { return 20; }

    [[nodiscard]] venue_common::RateRequest rate(venue_common::OrderVerb verb,
                                                 const Instrument& instrument,
                                                 std::size_t items) const noexcept override;
    /// Sockets name instruments by a code that not every listing has.
    [[nodiscard]] bool by_socket(const Instrument& instrument) const noexcept override {
        return instrument.venue_code != 0;
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
    [[nodiscard]] std::size_t order_link() const noexcept override { return 0; }
    [[nodiscard]] std::size_t stream_link() const noexcept override { return 0; }
    [[nodiscard]] std::vector<venue_common::Ask> set_up(std::size_t link, venue_common::Link& keys,
                                                        UnixNanos venue_time) override;
    void read(std::size_t link, std::string_view message, UnixNanos received,
              venue_common::Incoming& out) override;

    [[nodiscard]] unsigned order_steps() const noexcept override { return 1; }
    [[nodiscard]] venue_common::RestCall ask(const venue_common::Question& question) const override;
    [[nodiscard]] Result<std::string> read(const venue_common::Question& question,
                                           std::string_view body,
                                           venue_common::Incoming& out) override;

private:
    class Reader;
    bool write_items(const venue_common::OrderOperation& operation, bool socket,
                     std::string& out) const;
    bool write_item(venue_common::OrderVerb verb, const venue_common::OrderItem& item, bool socket,
                    std::string& out) const;

    const Universe& universe_;
    const Signer& signer_;
    OrderSettings settings_;
    venue_common::ClientIdText ids_;
    std::uint64_t login_key_ = 0;
    std::unique_ptr<Reader> reader_;
};

/// `config.desk.tag` names this instance at the venue.
[[nodiscard]] std::unique_ptr<venue_common::LiveGateway> make_order_gateway(
    ports::Transport& transport, venue_common::RestClient& rest, const Universe& universe,
    const Signer& signer, OrderSettings settings, venue_common::GatewayConfig config);

}  // namespace parallax::okx
