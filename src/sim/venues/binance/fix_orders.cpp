// Order entry: tags to parameters of the operations REST has, and their refusals back (sheet: 6.5).
#include <algorithm>
#include <array>

#include "sim/venues/binance/fix.hpp"

namespace parallax::sim_binance {
namespace {

using sim_fix::Message;

struct Word {
    std::string_view fix, word;
};

template <std::size_t N>
std::string_view word_of(const std::array<Word, N>& words, std::string_view fix) {
    const auto it = std::ranges::find(words, fix, &Word::fix);
    return it == words.end() ? std::string_view{} : it->word;
}

constexpr std::array kSides{Word{"1", "BUY"}, Word{"2", "SELL"}};
constexpr std::array kForces{Word{"1", "GTC"}, Word{"3", "IOC"}, Word{"4", "FOK"}};
constexpr std::array kTypes{Word{"1", "MARKET"}, Word{"2", "LIMIT"}, Word{"3", "STOP_LOSS"},
                            Word{"4", "STOP_LOSS_LIMIT"}};
constexpr std::array kSelfTrade{Word{"1", "NONE"},         Word{"2", "EXPIRE_TAKER"},
                                Word{"3", "EXPIRE_MAKER"}, Word{"4", "EXPIRE_BOTH"},
                                Word{"5", "DECREMENT"},    Word{"6", "TRANSFER"}};
constexpr std::array kRestrictions{Word{"1", "ONLY_NEW"}, Word{"2", "ONLY_PARTIALLY_FILLED"}};
constexpr std::array kModes{Word{"1", "STOP_ON_FAILURE"}, Word{"2", "ALLOW_FAILURE"}};
constexpr std::array kOverLimit{Word{"1", "DO_NOTHING"}, Word{"2", "CANCEL_ONLY"}};

constexpr std::array kHeader{8, 9, 10, 34, 35, 49, 52, 56, 25000};
constexpr std::array kOrderTags{11,   18,   38,   40,   44,    54,   55,    59,
                                111,  152,  847,  7940, 25001, 1094, 1100,  1101,
                                1102, 1107, 1109, 211,  835,   836,  25009, 25032};
/// Of orders this venue does not take: triggers, trailing, pegs.
constexpr std::array kConditions{1094, 1100, 1101, 1102, 1107, 1109, 211, 835, 836, 25009};

bool good_id(std::string_view id) {
    return !id.empty() && id.size() <= 36 && std::ranges::all_of(id, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
}

/// Takes tags to parameters, and remembers the first that does not fit.
class Translation {
public:
    Translation(const Message& m, Call& call) : m_{m}, call_{call} {}
    void text(int tag, const char* name) {
        if (m_.has(tag)) call_.params.add(name, std::string{m_.text(tag)});
    }
    template <std::size_t N>
    void word(int tag, const char* name, const std::array<Word, N>& words) {
        if (!m_.has(tag)) return;
        const std::string_view found = word_of(words, m_.text(tag));
        if (found.empty()) wrong(tag);
        call_.params.add(name, std::string{found});
    }
    void id(int tag, const char* name) {
        if (m_.has(tag) && !good_id(m_.text(tag))) wrong(tag);
        text(tag, name);
    }
    void order() {
        id(11, "newClientOrderId");
        text(55, "symbol");
        word(54, "side", kSides);
        text(38, "quantity");
        text(152, "quoteOrderQty");
        text(44, "price");
        text(111, "icebergQty");
        word(59, "timeInForce", kForces);
        word(25001, "selfTradePreventionMode", kSelfTrade);
        const bool condition =
            std::ranges::any_of(kConditions, [this](int t) { return m_.has(t); });
        if (m_.has(18) && m_.text(18) != "6") wrong(18);
        if (condition || m_.text(40) == "P") {
            call_.params.add("type", "STOP_LOSS");  // refused as what this symbol does not take
        } else if (m_.text(18) == "6" && m_.text(40) == "2") {
            call_.params.add("type", "LIMIT_MAKER");
        } else {
            word(40, "type", kTypes);
        }
    }
    [[nodiscard]] int wrong() const noexcept { return wrong_; }

private:
    void wrong(int tag) {
        if (wrong_ == 0) wrong_ = tag;
    }
    const Message& m_;
    Call& call_;
    int wrong_ = 0;
};

int code_of(const Json& fault) { return fault.value("code", -1000); }
std::string text_of_fault(const Json& fault) { return fault.value("msg", ""); }

/// FIX says -1013 where REST says -2011 (sheet: 6.5).
int cancel_code(int code) { return code == -2011 ? -1013 : code; }

}  // namespace

void Fix::order_message(Session& s, const Message& m) {
    struct Kind {
        std::string_view type;
        void (Fix::*take)(Session&, const Message&);
        std::vector<int> required;
        std::vector<int> known;
    };
    static const std::vector<int> kOrder{kOrderTags.begin(), kOrderTags.end()};
    static const std::vector<int> kReplace = [] {
        std::vector<int> all = kOrder;
        all.insert(all.end(), {25033, 25038, 37, 41, 25034});
        return all;
    }();
    static const std::vector<Kind> kKinds{
        {"D", &Fix::place, {11, 40, 54, 55}, kOrder},
        {"F", &Fix::cancel, {11, 55}, {11, 37, 41, 55, 66, 25002, 25015}},
        {"XCN", &Fix::cancel_replace, {11, 25033, 40, 54, 55}, kReplace},
        {"q", &Fix::mass_cancel, {11, 55, 530}, {11, 55, 530}},
        {"XAK", &Fix::amend, {11, 38, 55}, {11, 37, 38, 41, 55}},
        {"XLQ", &Fix::limits, {6136}, {6136}},
    };
    const auto kind = std::ranges::find(kKinds, m.type, &Kind::type);
    if (kind == kKinds.end())
        return reject(s, m, {99, -1020, 0, "This operation is not supported."});
    for (const int tag : kind->required) {
        if (!m.has(tag)) return reject(s, m, {1, -1102, tag, "Required tag missing."});
    }
    for (const sim_fix::Field& field : m.fields) {
        const bool header = std::ranges::find(kHeader, field.tag) != kHeader.end();
        if (!header && std::ranges::find(kind->known, field.tag) == kind->known.end())
            return reject(s, m, {2, -1170, field.tag, "Tag not defined for this message type."});
    }
    if (m.has(11) && !good_id(m.text(11)))
        return reject(s, m, {5, -1100, 11, "Illegal characters found in ClOrdID<11>."});
    asking_ = s.id;
    (this->*kind->take)(s, m);
    pump_();
    asking_ = ports::SessionId::none();
}

Call Fix::call_of(const Session& s) const {
    // The key may have been revoked since: then it stands for nobody.
    static const sim_front::ApiKey kNobody{};
    const sim_front::ApiKey* const key = keys_.find(s.state.key);
    return {Product::Spot, now_, s.peer, {}, key == nullptr ? &kNobody : key};
}

void Fix::tell_rejected(Session& s, const Message& m, int code, std::string_view text) {
    Writer w{"8"};
    w.add(11, m.text(11)).add(14, "0.00000000");
    for (const int tag : {38, 40, 44, 54, 55, 59, 152}) {
        if (m.has(tag)) w.add(tag, m.text(tag));
    }
    w.add(39, "8").add(58, text).add(60, sim_fix::time_text(now_)).add(103, 99);
    w.add(150, "8").add(151, "0.00000000").add(25016, code).add(25017, "0.00000000");
    send(s, w);
}

void Fix::tell_not_cancelled(Session& s, const Message& m, int code, std::string_view text) {
    Writer w{m.type == "XAK" ? "XAR" : "9"};
    w.add(11, m.text(11));
    for (const int tag : {37, 41, 55}) {
        if (m.has(tag)) w.add(tag, m.text(tag));
    }
    if (m.type != "XAK") w.add(434, 1);
    w.add(58, text).add(25016, cancel_code(code));
    send(s, w);
}

void Fix::place(Session& s, const Message& m) {
    Call call = call_of(s);
    Translation to{m, call};
    to.order();
    if (to.wrong() != 0) return reject(s, m, incorrect(to.wrong()));
    if (const Reply reply = api_.place(call); !reply)
        tell_rejected(s, m, reply.error().code, reply.error().msg);
}

void Fix::cancel(Session& s, const Message& m) {
    Call call = call_of(s);
    Translation to{m, call};
    to.id(11, "newClientOrderId");
    to.text(55, "symbol");
    to.text(37, "orderId");
    to.id(41, "origClientOrderId");
    to.word(25002, "cancelRestrictions", kRestrictions);
    if (to.wrong() != 0) return reject(s, m, incorrect(to.wrong()));
    if (const Reply reply = api_.cancel(call); !reply)
        tell_not_cancelled(s, m, reply.error().code, reply.error().msg);
}

void Fix::cancel_replace(Session& s, const Message& m) {
    Call call = call_of(s);
    Translation to{m, call};
    to.order();
    to.word(25033, "cancelReplaceMode", kModes);
    to.word(25038, "orderRateLimitExceededMode", kOverLimit);
    to.text(37, "cancelOrderId");
    to.id(41, "cancelOrigClientOrderId");
    to.id(25034, "cancelNewClientOrderId");
    if (to.wrong() != 0) return reject(s, m, incorrect(to.wrong()));
    const Reply reply = api_.cancel_replace(call);
    if (reply) return;
    const Json& data = reply.error().data;
    // Neither was tried: the new order could never be.
    if (!data.is_object()) return tell_rejected(s, m, reply.error().code, reply.error().msg);
    if (data["cancelResult"] == "FAILURE")
        tell_not_cancelled(s, m, code_of(data["cancelResponse"]),
                           text_of_fault(data["cancelResponse"]));
    if (data["newOrderResult"] == "FAILURE")
        tell_rejected(s, m, code_of(data["newOrderResponse"]),
                      text_of_fault(data["newOrderResponse"]));
}

void Fix::mass_cancel(Session& s, const Message& m) {
    if (m.text(530) != "1") return reject(s, m, incorrect(530));
    Call call = call_of(s);
    call.params.add("symbol", std::string{m.text(55)});
    const Reply reply = api_.cancel_all(call);
    pump_();  // the reports of the orders go before
    Writer w{"r"};
    w.add(11, m.text(11)).add(55, m.text(55)).add(530, "1").add(531, reply ? 1 : 0);
    if (reply) {
        w.add(533, static_cast<std::int64_t>(reply->size()));
    } else {
        w.add(532, 99).add(58, reply.error().msg).add(25016, cancel_code(reply.error().code));
    }
    send(s, w);
}

void Fix::amend(Session& s, const Message& m) {
    Call call = call_of(s);
    Translation to{m, call};
    to.id(11, "newClientOrderId");
    to.text(55, "symbol");
    to.text(37, "orderId");
    to.id(41, "origClientOrderId");
    to.text(38, "newQty");
    if (to.wrong() != 0) return reject(s, m, incorrect(to.wrong()));
    if (const Reply reply = api_.amend(call); !reply)
        tell_not_cancelled(s, m, reply.error().code, reply.error().msg);
}

void Fix::limits(Session& s, const Message& m) {
    struct Row {
        int type;
        std::uint32_t count, most;
        std::int64_t interval;
        std::string unit;
    };
    std::vector<Row> rows;
    for (Limits::OrderLimit& limit : api_.limits(Product::Spot).orders()) {
        const auto used = limit.table.used(Limits::key(s.state.account), now_);
        rows.push_back({1, used, limit.table.limit().most, limit.number,
                        std::string(1, static_cast<char>(limit.interval[0] - 'A' + 'a'))});
    }
    // The same numbers as those it is held to (fix_session.cpp).
    const sim_front::RateLimit messages{Nanos::seconds(10), 10'000, sim_front::WindowKind::Sliding};
    rows.push_back({2, s.state.messages.used(messages, now_), messages.most, 10, "s"});
    Writer w{"XLR"};
    w.add(6136, m.text(6136)).add(25003, static_cast<std::int64_t>(rows.size()));
    for (const Row& row : rows) {
        w.add(25004, row.type).add(25005, row.count).add(25006, row.most);
        w.add(25007, row.interval).add(25008, row.unit);
    }
    send(s, w);
}

}  // namespace parallax::sim_binance
