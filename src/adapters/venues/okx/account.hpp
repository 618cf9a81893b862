#pragma once

#include <memory>
#include <string>

#include "adapters/venues/common/client_id_text.hpp"
#include "adapters/venues/common/live_account.hpp"

namespace parallax::okx {

/// How OKX tells of an account (v5 docs, copy of 2026-07-28): trading account, funding account,
/// and cancel-all-after for the orders of our tag.
class Accounts final : public venue_common::AccountProtocol {
public:
    /// `tag`: of this instance; `order_tag`: what our orders carry, and only they are cancelled by
    /// the dead man's switch; empty: all of the account's. The universe outlives it.
    Accounts(const Universe& universe, std::string_view tag, std::string order_tag);
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
    [[nodiscard]] std::string transfer_id(std::uint64_t id) const;
    const Universe& universe_;
    venue_common::ClientIdText ids_;
    std::string order_tag_;
    std::unique_ptr<Reader> reader_;
};

}  // namespace parallax::okx
