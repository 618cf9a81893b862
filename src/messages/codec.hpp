#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "core/archive.hpp"
#include "core/assert.hpp"
#include "core/result.hpp"
#include "messages/enum_limits.hpp"
#include "messages/market.hpp"
#include "messages/portfolio.hpp"
#include "messages/risk.hpp"
#include "messages/run.hpp"
#include "messages/scanner.hpp"
#include "messages/topic.hpp"
#include "messages/trade.hpp"

// Bytes of the messages in journals. Little-endian, no padding: the fields in the order of
// describe(), numbers at their width, text as u32 length and bytes, of an array of legs only the
// first leg_count. DepthUpdate, whose levels are spans, is laid out below. Writing a message whose
// size is known (encoded_size, encode_to) allocates nothing.

/// Every message with its topic: X(Type, topic). MessageType has an enumerator of the same name.
#define PLX_FOR_EACH_MESSAGE(X)   \
    X(InstrumentListed, Market)   \
    X(InstrumentRefined, Market)  \
    X(DepthUpdate, Market)        \
    X(BestQuote, Market)          \
    X(TradePrint, Market)         \
    X(MarkPrice, Market)          \
    X(Ticker, Market)             \
    X(Kline, Market)              \
    X(FeedStatus, Market)         \
    X(ClockTick, Market)          \
    X(BookLost, Market)           \
    X(Opportunity, Scanner)       \
    X(Episode, Scanner)           \
    X(OrderRequest, Trade)        \
    X(OrderEvent, Trade)          \
    X(PlanUpdate, Trade)          \
    X(SetTradingState, Risk)      \
    X(TradingStateChanged, Risk)  \
    X(Verdict, Risk)              \
    X(ChangeLimits, Risk)         \
    X(LimitsChanged, Risk)        \
    X(AccountStatus, Risk)        \
    X(LedgerEntry, Portfolio)     \
    X(ExternalFlow, Portfolio)    \
    X(CashEvent, Portfolio)       \
    X(BalanceReport, Portfolio)   \
    X(Attribution, Portfolio)     \
    X(Transfer, Portfolio)        \
    X(PositionAdopted, Portfolio) \
    X(CashTold, Portfolio)        \
    X(RunManifest, Audit)         \
    X(StateHash, Audit)

namespace parallax::messages {

template <class T>
inline constexpr bool kIsMessage = false;
/// The number of a message struct.
template <class T>
inline constexpr MessageType type_of{};
#define PLX_MESSAGE(Type, topic)                   \
    template <>                                    \
    inline constexpr bool kIsMessage<Type> = true; \
    template <>                                    \
    inline constexpr MessageType type_of<Type> = MessageType::Type;
PLX_FOR_EACH_MESSAGE(PLX_MESSAGE)
#undef PLX_MESSAGE

template <class T>
concept Message = kIsMessage<T>;

/// Calls f(std::type_identity<T>{}) with the struct of that number; false when there is none.
template <class F>
bool with_type(MessageType type, F&& f) {
    switch (type) {
#define PLX_MESSAGE(Type, topic)       \
    case MessageType::Type:            \
        f(std::type_identity<Type>{}); \
        return true;
        PLX_FOR_EACH_MESSAGE(PLX_MESSAGE)
#undef PLX_MESSAGE
    }
    return false;
}

/// "BestQuote"; "?" for an unknown number.
[[nodiscard]] std::string_view to_string(MessageType type) noexcept;
/// Where messages of that type travel. Errors: Malformed for an unknown number.
[[nodiscard]] HotResult<Topic> topic_of(MessageType type) noexcept;

namespace wire {

/// How a value falls apart into flat fields and text; `Self` supplies flat(T&) and
/// text(std::string&).
template <class Self>
class Archive {
public:
    template <class... T>
    void operator()(T&&... values) {
        (visit(const_cast<std::remove_cvref_t<T>&>(values)), ...);
    }

private:
    template <class T>
    void visit(T& value) {
        auto& self = static_cast<Self&>(*this);
        if constexpr (Described<T, Self>) {
            value.describe(self);
        } else if constexpr (std::is_same_v<T, std::string>) {
            self.text(value);
        } else {
            static_assert(Flat<T>, "give the type a describe() member");
            self.flat(value);
        }
    }
};

class Sizer final : public Archive<Sizer> {
public:
    static constexpr bool kReading = false;
    template <class T>
    void flat(const T&) noexcept {
        size_ += sizeof(T);
    }
    void text(const std::string& value) noexcept { size_ += sizeof(std::uint32_t) + value.size(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    std::size_t size_ = 0;
};

/// Writes without looking at an end: the caller measured with Sizer.
class Writer final : public Archive<Writer> {
public:
    static constexpr bool kReading = false;
    explicit Writer(std::byte* out) noexcept : at_{out} {}
    template <class T>
    void flat(const T& value) noexcept {
        bytes(&value, sizeof value);
    }
    void text(const std::string& value) noexcept {
        flat(static_cast<std::uint32_t>(value.size()));
        bytes(value.data(), value.size());
    }
    void bytes(const void* data, std::size_t size) noexcept {
        if (size > 0) std::memcpy(at_, data, size);
        at_ += size;
    }
    [[nodiscard]] std::byte* at() const noexcept { return at_; }

private:
    std::byte* at_;
};

/// Reads what Writer wrote; anything else makes ok() false. Never reads beyond the end, never makes
/// a bool or an enum of a byte that is none of its values.
class Reader final : public Archive<Reader> {
public:
    static constexpr bool kReading = true;
    explicit Reader(std::span<const std::byte> in) noexcept : in_{in} {}
    template <class T>
    void flat(T& value) noexcept {
        constexpr std::uint8_t kLimit = value_limit<T>();
        if (in_.size() < sizeof(T)) return refuse();
        if constexpr (kLimit > 0) {
            if (std::to_integer<std::uint8_t>(in_[0]) >= kLimit) return refuse();
        }
        std::memcpy(&value, in_.data(), sizeof(T));
        in_ = in_.subspan(sizeof(T));
    }
    void text(std::string& value) {
        std::uint32_t size = 0;
        flat(size);
        if (in_.size() < size) return refuse();
        value.assign(reinterpret_cast<const char*>(in_.data()), size);
        in_ = in_.subspan(size);
    }
    /// The next `count` bytes, empty if there are fewer.
    [[nodiscard]] std::span<const std::byte> take(std::size_t count) noexcept {
        if (in_.size() < count) {
            refuse();
            return {};
        }
        const auto taken = in_.first(count);
        in_ = in_.subspan(count);
        return taken;
    }
    [[nodiscard]] bool ok() const noexcept { return ok_; }
    [[nodiscard]] bool finished() const noexcept { return ok_ && in_.empty(); }

private:
    void refuse() noexcept {
        ok_ = false;
        in_ = {};
    }
    std::span<const std::byte> in_;
    bool ok_ = true;
};

/// What describe() cannot say: counts that index an array.
template <class T>
[[nodiscard]] bool consistent(const T& message) noexcept {
    if constexpr (requires { message.leg_count; })
        return message.leg_count <= kMaxLegs;
    else
        return true;
}

}  // namespace wire

/// A DepthUpdate that owns its levels. `view()` points into it: valid until it changes or moves.
struct OwnedDepth {
    DepthUpdate header;  ///< its spans are not used
    std::vector<Level> bids;
    std::vector<Level> asks;
    [[nodiscard]] DepthUpdate view() const noexcept {
        DepthUpdate update = header;
        update.bids = bids;
        update.asks = asks;
        return update;
    }
    void assign(const DepthUpdate& update) {
        header = update;
        bids.assign(update.bids.begin(), update.bids.end());
        asks.assign(update.asks.begin(), update.asks.end());
        header.bids = {};
        header.asks = {};
    }
};
template <>
inline constexpr MessageType type_of<OwnedDepth> = MessageType::DepthUpdate;

/// The fixed part of a DepthUpdate; bid_count and ask_count levels of 16 bytes (price, quantity)
/// follow.
inline constexpr std::size_t kDepthHeaderBytes = 4 + 1 + 1 + 2 + 24 + 4 * 8 + 2 * 4;
static_assert(sizeof(Level) == 16 && std::is_trivially_copyable_v<Level>);

/// Bytes encode_to will write.
template <Message T>
[[nodiscard]] inline std::size_t encoded_size(const T& message) noexcept {
    wire::Sizer sizer;
    sizer(message);
    return sizer.size();
}
[[nodiscard]] inline std::size_t encoded_size(const DepthUpdate& update) noexcept {
    return kDepthHeaderBytes + (update.bids.size() + update.asks.size()) * sizeof(Level);
}

/// Writes exactly encoded_size(message) bytes. Hot: no allocation for messages without text.
template <Message T>
inline void encode_to(std::byte* out, const T& message) noexcept {
    PLX_ASSERT(wire::consistent(message));
    wire::Writer writer{out};
    writer(message);
}
void encode_to(std::byte* out, const DepthUpdate& update) noexcept;

/// Appends the message to `out`.
template <Message T>
void encode(const T& message, std::vector<std::byte>& out) {
    const std::size_t start = out.size();
    out.resize(start + encoded_size(message));
    encode_to(out.data() + start, message);
}

/// Reads a message into `message`, which keeps its capacity. The bytes must be exactly one message.
/// Errors: Malformed; `message` then holds anything valid.
template <Message T>
    requires(!std::is_same_v<T, DepthUpdate>)
[[nodiscard]] HotResult<void> decode(std::span<const std::byte> bytes, T& message) {
    wire::Reader reader{bytes};
    reader(message);
    if (!reader.finished() || !wire::consistent(message)) {
        message = T{};
        return fail(Errc::Malformed);
    }
    return {};
}
[[nodiscard]] HotResult<void> decode(std::span<const std::byte> bytes, OwnedDepth& depth);

/// As above, by value; decode<DepthUpdate> gives an OwnedDepth.
template <Message T>
[[nodiscard]] auto decode(std::span<const std::byte> bytes) {
    std::conditional_t<std::is_same_v<T, DepthUpdate>, OwnedDepth, T> message;
    HotResult<decltype(message)> result;
    if (const auto read = decode(bytes, message); !read)
        result = fail(read.error());
    else
        result = std::move(message);
    return result;
}

/// Decodes a message of that type and calls visitor(const T&). The spans of a DepthUpdate point
/// into `scratch`. Errors: Malformed, also for an unknown type; the visitor is then not called.
template <class Visitor>
[[nodiscard]] HotResult<void> visit(MessageType type, std::span<const std::byte> bytes,
                                    OwnedDepth& scratch, Visitor&& visitor) {
    HotResult<void> result;
    const bool known = with_type(type, [&]<class T>(std::type_identity<T>) {
        if constexpr (std::is_same_v<T, DepthUpdate>) {
            result = decode(bytes, scratch);
            if (result) visitor(static_cast<const DepthUpdate&>(scratch.view()));
        } else {
            T message;
            result = decode(bytes, message);
            if (result) visitor(static_cast<const T&>(message));
        }
    });
    if (!known) return fail(Errc::Malformed);
    return result;
}
template <class Visitor>
[[nodiscard]] HotResult<void> visit(MessageType type, std::span<const std::byte> bytes,
                                    Visitor&& visitor) {
    OwnedDepth scratch;
    return visit(type, bytes, scratch, std::forward<Visitor>(visitor));
}

}  // namespace parallax::messages
