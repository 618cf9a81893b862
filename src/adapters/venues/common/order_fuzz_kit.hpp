#pragma once

#include <string_view>

#include "adapters/venues/common/live_account.hpp"
#include "adapters/venues/common/order_desk.hpp"
#include "adapters/venues/common/order_protocol.hpp"
#include "core/instrument.hpp"

/// For the fuzzers of what venues say about orders and accounts.
namespace parallax::venue_common::testing {

/// The text as message, as answer to each question (with the pages that follow), as
/// acknowledgements and as every topic of the account: no crash, no byte read outside, and a
/// gateway's desk that takes whatever comes out.
inline void read_everything(const Universe& universe, OrderProtocol& orders,
                            AccountProtocol& accounts, std::string_view text) {
    const UnixNanos now = UnixNanos::from_millis(1'700'000'000'000);
    DeskConfig config;
    config.tag = "test";
    OrderDesk desk{universe, config};
    Incoming in;
    const auto take = [&] {
        for (const auto& fill : in.fills) (void)desk.on(fill, now);
        for (const auto& report : in.orders) (void)desk.on(report, now);
        in.clear();
    };
    orders.read(0, text, now, in);
    take();
    for (int what = 0; what < 4; ++what) {
        Question question;
        question.what = static_cast<Question::What>(what);
        for (int page = 0; page < 2; ++page) {
            const auto next = orders.read(question, text, in);
            take();
            if (!next || next->empty()) break;
            question.cursor = *next;
        }
    }
    desk.rescale({universe.symbols().front().id, 2, 2});
    RestAnswer answer;
    answer.status = 200;
    answer.code = 0;
    answer.body = text;
    std::vector<OrderAck> acks;
    for (const std::size_t count : {1U, 2U}) orders.read_acks(answer, count, acks);
    for (int topic = 0; topic <= static_cast<int>(ports::AccountTopic::DeadMan); ++topic) {
        ports::AccountRequest request;
        request.topic = static_cast<ports::AccountTopic>(topic);
        ports::AccountFacts facts;
        for (unsigned step = 0; step < accounts.steps(request); ++step)
            (void)accounts.read(request, step, answer, facts);
    }
}

}  // namespace parallax::venue_common::testing
