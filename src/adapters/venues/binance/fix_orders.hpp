#pragma once

#include <deque>
#include <memory>
#include <string>

#include "adapters/venues/binance/fix_session.hpp"
#include "adapters/venues/binance/order_gateway.hpp"

namespace parallax::binance {

struct FixSettings {
    /// tls://host:port; the testnet's is fix-oe.testnet.binance.vision.
    std::string orders_url = "tls://fix-oe.binance.com:9000";
    std::string copies_url;  ///< of drop copies, which tell the same again; empty: none
    int heartbeat_s = 30;    ///< 5 to 60
};

/// How Binance spot takes orders over FIX.4.4 (sheet: section 6): order entry over a FIX session,
/// user data with its balances over the WebSocket API, questions over REST. What a session tells of
/// the account's orders comes twice then, and once more with drop copies: the desk counts it once.
/// Logons want an Ed25519 key.
class FixOrders final : public venue_common::OrderProtocol {
public:
    static constexpr std::size_t kUserLink = 0, kOrderLink = 1, kCopyLink = 2;

    /// Adds its sessions to `fix`. Universe and signer outlive it, and `fix` all connections.
    FixOrders(fix::Transport& fix, const Universe& universe, Signer& signer, std::string_view tag,
              OrderSettings settings, FixSettings fix_settings);
    ~FixOrders() override;

    [[nodiscard]] bool trades(Market market) const noexcept override {
        return market == Market::BinanceSpot;
    }
    [[nodiscard]] unsigned products() const noexcept override { return 1; }
    [[nodiscard]] unsigned product_of(const Instrument&) const noexcept override { return 0; }
    [[nodiscard]] std::size_t most_in_batch(unsigned) const noexcept override { return 1; }
    [[nodiscard]] venue_common::RateRequest rate(venue_common::OrderVerb verb,
                                                 const Instrument& instrument,
                                                 std::size_t items) const noexcept override;
    [[nodiscard]] bool by_socket(const Instrument&) const noexcept override { return true; }
    [[nodiscard]] bool batches_by_socket() const noexcept override { return false; }
    [[nodiscard]] bool write_socket(const venue_common::OrderOperation& operation,
                                    std::string& out) override;
    [[nodiscard]] bool write_rest(const venue_common::OrderOperation& operation,
                                  venue_common::RestCall& out) override {
        return rest_.write_rest(operation, out);
    }
    void read_acks(const venue_common::RestAnswer& answer, std::size_t items,
                   std::vector<venue_common::OrderAck>& out) override {
        rest_.read_acks(answer, items, out);
    }
    void feed_back(venue_common::RateLimiter& limiter, const venue_common::RateRequest& request,
                   const venue_common::OrderAck& ack, Nanos venue_ahead, UnixNanos now) override {
        rest_.feed_back(limiter, request, ack, venue_ahead, now);
    }

    [[nodiscard]] std::vector<venue_common::LinkOptions> links() const override;
    [[nodiscard]] std::size_t order_link() const noexcept override { return kOrderLink; }
    [[nodiscard]] std::size_t stream_link() const noexcept override { return kUserLink; }
    [[nodiscard]] std::vector<venue_common::Ask> set_up(std::size_t link, venue_common::Link& keys,
                                                        UnixNanos venue_time) override;
    void read(std::size_t link, std::string_view message, UnixNanos received,
              venue_common::Incoming& out) override;

    [[nodiscard]] unsigned order_steps() const noexcept override { return rest_.order_steps(); }
    [[nodiscard]] venue_common::RestCall ask(
        const venue_common::Question& question) const override {
        return rest_.ask(question);
    }
    [[nodiscard]] Result<std::string> read(const venue_common::Question& question,
                                           std::string_view body,
                                           venue_common::Incoming& out) override {
        return rest_.read(question, body, out);
    }

private:
    class Reader;
    Orders rest_;  ///< everything that is not FIX
    OrderSettings settings_;
    FixSettings fix_settings_;
    std::string name_;
    venue_common::ClientIdText ids_;
    std::unique_ptr<Reader> reader_;
};

/// As make_order_gateway, of spot. `fix` is what `rest` and whoever polls use, too. Errors:
/// Rejected (the key is no Ed25519 key, or the heartbeat is none).
[[nodiscard]] Result<std::unique_ptr<venue_common::LiveGateway>> make_fix_order_gateway(
    fix::Transport& fix, venue_common::RestClient& rest, const Universe& universe, Signer& signer,
    OrderSettings settings, FixSettings fix_settings, venue_common::GatewayConfig config);

}  // namespace parallax::binance
