#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "ports/account.hpp"

/// Only for tests.
namespace parallax::app {

/// An account that says what ask() of the test gives it, in that order.
class AnsweringAccount : public ports::Account {
public:
    std::optional<ports::AccountAnswer> next() override {
        if (answers_.empty()) return std::nullopt;
        ports::AccountAnswer first = std::move(answers_.front());
        answers_.pop_front();
        return first;
    }

protected:
    /// A new question's answer, without contents so far.
    ports::AccountAnswer number(ports::AccountTopic topic) {
        ports::AccountAnswer answer;
        answer.token = ++token_;
        answer.topic = topic;
        return answer;
    }
    std::uint64_t give(ports::AccountAnswer answer, bool silent = false) {
        const std::uint64_t token = answer.token;
        if (!silent) answers_.push_back(std::move(answer));
        return token;
    }

private:
    std::uint64_t token_ = 0;
    std::deque<ports::AccountAnswer> answers_;
};

}  // namespace parallax::app
