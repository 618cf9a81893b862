#pragma once

#include <memory>
#include <string>

#include "adapters/venues/common/live_account.hpp"

namespace parallax::bybit {

/// How Bybit tells of an account (v5 docs, copy of 2026-07-24): unified trading account and funding
/// wallet, spot and USDT perpetuals. Its dead man's switch (DCP) is for institutions: DeadMan sets
/// its window and is refused elsewhere; LiveGateway has a watchdog of its own.
class Accounts final : public venue_common::AccountProtocol {
public:
    /// `tag`: of this instance. The universe outlives it.
    Accounts(const Universe& universe, std::string_view tag);
    ~Accounts() override;

    [[nodiscard]] Result<void> check(const ports::AccountRequest& request) const override;
    [[nodiscard]] unsigned steps(const ports::AccountRequest& request) const noexcept override;
    [[nodiscard]] venue_common::RestCall write(const ports::AccountRequest& request, unsigned step,
                                               const std::string& cursor,
                                               UnixNanos now) const override;
    [[nodiscard]] bool done_already(const ports::AccountRequest& request,
                                    const venue_common::RestAnswer& answer) const noexcept override;
    [[nodiscard]] Result<std::string> read(const ports::AccountRequest& request, unsigned step,
                                           const venue_common::RestAnswer& answer,
                                           ports::AccountFacts& facts) override;

private:
    struct Reader;
    /// The venue wants a UUID, and takes each once.
    [[nodiscard]] std::string transfer_id(std::uint64_t id) const;
    const Universe& universe_;
    std::string tag_;
    std::unique_ptr<Reader> reader_;
};

}  // namespace parallax::bybit
