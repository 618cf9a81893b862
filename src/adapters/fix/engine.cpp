// The only file that sees QuickFIX. C++14.
#include "adapters/fix/engine.hpp"

#include <quickfix/Application.h>
#include <quickfix/DataDictionaryProvider.h>
#include <quickfix/FixValues.h>
#include <quickfix/MessageStore.h>
#include <quickfix/Parser.h>
#include <quickfix/Responder.h>
#include <quickfix/Session.h>

#include <algorithm>
#include <map>

namespace parallax {
namespace fix {
namespace {

constexpr char kSoh = '\x01';
constexpr std::size_t kMostAhead = 10000;  // messages kept for a gap to be filled

/// The first field of this tag in a whole message; empty: none.
std::string field_of(const std::string& whole, const std::string& tag) {
    const std::string begin = kSoh + tag + '=';
    const std::size_t at = whole.find(begin);
    if (at == std::string::npos) return std::string();
    const std::size_t value = at + begin.size();
    return whole.substr(value, whole.find(kSoh, value) - value);
}

/// Text of a message, where it lies.
struct Piece {
    const char* data = nullptr;
    std::size_t size = 0;
    bool is(const std::string& other) const {
        return other.size() == size && other.compare(0, size, data, size) == 0;
    }
    /// -1: no number.
    long number() const {
        long value = 0;
        for (std::size_t i = 0; i < size; ++i) {
            if (data[i] < '0' || data[i] > '9' || i == 15) return -1;
            value = value * 10 + (data[i] - '0');
        }
        return size == 0 ? -1 : value;
    }
};

/// What the session layer must know of a message, if it is in the usual order and unhurt.
struct Head {
    Piece begin, length, type, sender, target, number;
    bool again = false;  ///< PossDupFlag
};

constexpr std::size_t kTrailer = 7;  // 10=ddd and its end

bool is_sound(const std::string& whole, const Piece& length) {
    if (whole.size() < kTrailer || whole.compare(whole.size() - kTrailer, 3, "10=") != 0 ||
        whole.back() != kSoh)
        return false;
    const std::size_t body = static_cast<std::size_t>(length.data - whole.data()) + length.size + 1;
    const std::size_t end = whole.size() - kTrailer;
    if (body > end || length.number() != static_cast<long>(end - body)) return false;
    unsigned sum = 0;
    for (std::size_t i = 0; i < end; ++i) sum += static_cast<unsigned char>(whole[i]);
    const Piece told{whole.data() + end + 3, 3};
    return told.number() == static_cast<long>(sum % 256);
}

/// False: QuickFIX is to look at it.
bool read_head(const std::string& whole, Head& out) {
    std::size_t at = 0;
    for (int field = 0; at < whole.size(); ++field) {
        const std::size_t equals = whole.find('=', at);
        const std::size_t end = equals == std::string::npos ? equals : whole.find(kSoh, equals);
        if (end == std::string::npos) return false;
        const long tag = Piece{whole.data() + at, equals - at}.number();
        const Piece value{whole.data() + equals + 1, end - equals - 1};
        const long first[] = {8, 9, 35};
        if (field < 3 && tag != first[field]) return false;
        if (tag == 8) {
            out.begin = value;
        } else if (tag == 9) {
            out.length = value;
        } else if (tag == 35) {
            out.type = value;
        } else if (tag == 34) {
            out.number = value;
        } else if (tag == 49) {
            out.sender = value;
        } else if (tag == 56) {
            out.target = value;
        } else if (tag == 43) {
            out.again = true;
        } else if (tag != 52) {
            break;  // the body; or something rare, without which it will be complete or not
        }
        at = end + 1;
    }
    return out.type.size > 0 && out.number.size > 0 && out.sender.size > 0 && out.target.size > 0 &&
           is_sound(whole, out.length);
}

/// Messages of the session itself: 0 to 5 and A.
bool is_admin(const Piece& type) {
    return type.size == 1 && ((type.data[0] >= '0' && type.data[0] <= '5') || type.data[0] == 'A');
}

/// A day that begins now: QuickFIX starts sessions anew when one is over, and ours are shorter.
FIX::TimeRange day_from_now() {
    const FIX::UtcTimeStamp now;
    const int second = (now.getHour() * 60 + now.getMinute()) * 60 + now.getSecond();
    const int end = (second + 86399) % 86400;
    const auto time = [](int s) { return FIX::UtcTimeOnly(s / 3600, s / 60 % 60, s % 60); };
    return FIX::TimeRange(time(second), time(end));
}

class QuickFixEngine final : public Engine, private FIX::Application, private FIX::Responder {
public:
    QuickFixEngine(const EngineSettings& settings, EngineOwner& owner)
        : settings_(settings),
          owner_(owner),
          session_(*this, stores_,
                   FIX::SessionID(settings.begin_string, settings.sender, settings.target),
                   FIX::DataDictionaryProvider(), day_from_now(), settings.heartbeat_s, nullptr) {
        session_.setResetOnLogon(settings.reset_on_logon);
        session_.setCheckLatency(false);  // the line's delay is not the session's business
        session_.setTimestampPrecision(6);
        session_.setLogonTimeout(settings.logon_timeout_s);
        session_.setLogoutTimeout(settings.logout_timeout_s);
        session_.setPersistMessages(false);  // gaps are filled, orders are never sent again
        session_.setResponder(this);
    }
    // The owner goes, too: whatever QuickFIX still wants to say, nobody hears it.
    ~QuickFixEngine() override { gone_ = true; }

    void log_on() override {
        if (asked_) return;
        asked_ = true;
        guard([this] { session_.next(FIX::UtcTimeStamp()); });
    }
    void receive(const char* bytes, std::size_t size) override {
        unread_ += size;
        guard([&] {
            parser_.addToStream(bytes, size);
            std::string whole;
            while (!gone_ && next_message(whole)) {
                unread_ = 0;
                take(whole);
            }
        });
        if (unread_ > kMostUnread) disconnect();
    }
    void tick() override {
        if (asked_ && !gone_) guard([this] { session_.next(FIX::UtcTimeStamp()); });
    }
    std::uint64_t send(const std::string& type, const TextFields& fields) override {
        if (gone_ || !session_.isLoggedOn()) return 0;
        sent_ = 0;
        guard([&] {
            FIX::Message message;
            message.getHeader().setField(FIX::MsgType(type));
            fill(message, fields);
            session_.send(message);
        });
        return gone_ ? 0 : sent_;
    }
    bool test() override {
        if (gone_ || !session_.isLoggedOn()) return false;
        guard([this] {
            FIX::Message message;
            message.getHeader().setField(FIX::MsgType("1"));
            message.setField(112, "p");
            session_.send(message);
        });
        return !gone_;
    }
    void log_out() override {
        if (gone_) return;
        if (!session_.isLoggedOn()) return disconnect();
        guard([this] {
            session_.logout();
            session_.next(FIX::UtcTimeStamp());
        });
    }
    bool on() const override { return !gone_ && const_cast<FIX::Session&>(session_).isLoggedOn(); }

private:
    /// QuickFIX throws for what peers send; here that ends the session.
    template <class Work>
    void guard(Work work) {
        try {
            work();
        } catch (const std::exception&) {
            disconnect();
        } catch (...) {
            disconnect();
        }
    }
    /// False: no whole one is there. Text that is no message is left out; its number will be
    /// missed.
    bool next_message(std::string& whole) {
        for (;;) {
            try {
                return parser_.readFixMessage(whole);
            } catch (const FIX::MessageParseError&) {
            }
        }
    }
    /// The next message of the application, in order, needs nothing of QuickFIX but its number,
    /// which would take each field out of it. What QuickFIX did not see does not count as a sign of
    /// life: it asks for one now and then (TestRequest) while only such messages come.
    bool pass_on(const std::string& whole) {
        Head head;
        if (!session_.isLoggedOn() || !ahead_.empty() || !read_head(whole, head)) return false;
        const int expected = session_.getExpectedTargetNum();
        if (is_admin(head.type) || head.again || !head.begin.is(settings_.begin_string) ||
            !head.sender.is(settings_.target) || !head.target.is(settings_.sender) ||
            head.number.number() != expected)
            return false;
        session_.setNextTargetMsgSeqNum(expected + 1);
        owner_.received(whole);
        return true;
    }
    void take(const std::string& whole) {
        if (pass_on(whole)) return;
        const std::string type = field_of(whole, "35");
        if (!session_.receivedLogon() && type != "A") {
            owner_.refused(whole, "refused at logon");
            return disconnect();
        }
        const long number = std::atol(field_of(whole, "34").c_str());
        const long expected = session_.getExpectedTargetNum();
        const bool again = field_of(whole, "43") == "Y";
        const bool reset = type == "A" || (type == "4" && field_of(whole, "123") != "Y");
        if (number < expected && !again && !reset) {
            owner_.refused(whole, "a number that was used before");
            return disconnect();
        }
        if (number > expected && !reset) {
            if (!settings_.fills_gaps) {
                owner_.refused(whole, "a hole in the venue's numbers");
                return disconnect();
            }
            // Kept until QuickFIX, which asks for what is missing, gets there.
            if (ahead_.size() >= kMostAhead) return disconnect();
            ahead_[number] = whole;
        }
        current_ = number;
        text_ = &whole;
        session_.next(whole, FIX::UtcTimeStamp());
        text_ = nullptr;
        ahead_.erase(ahead_.begin(), ahead_.lower_bound(session_.getExpectedTargetNum()));
    }
    void told(const FIX::Message& message) {
        const long number = message.getHeader().getField(FIX::FIELD::MsgSeqNum).empty()
                                ? 0
                                : std::atol(message.getHeader().getField(34).c_str());
        const auto kept = ahead_.find(number);
        if (text_ != nullptr && number == current_) {
            owner_.received(*text_);
        } else if (kept != ahead_.end()) {
            owner_.received(kept->second);
        }
    }
    void fill(FIX::Message& message, const TextFields& fields) const {
        for (std::size_t i = 0; i < fields.size(); ++i) {
            const auto group =
                std::find_if(settings_.groups.begin(), settings_.groups.end(),
                             [&](const Group& g) { return g.count == fields[i].tag; });
            const bool of_header =
                std::find(settings_.header_tags.begin(), settings_.header_tags.end(),
                          fields[i].tag) != settings_.header_tags.end();
            if (of_header) {
                message.getHeader().setField(fields[i].tag, fields[i].value);
            } else if (group == settings_.groups.end()) {
                message.setField(fields[i].tag, fields[i].value);
            } else {
                i = add_group(message, *group, fields, i);
            }
        }
    }
    /// Adds the entries behind the count at `at`; where the last one ended.
    static std::size_t add_group(FIX::Message& message, const Group& group,
                                 const TextFields& fields, std::size_t at) {
        std::vector<int> order(group.members);
        order.push_back(0);
        std::size_t i = at + 1;
        while (i < fields.size() && fields[i].tag == group.members.front()) {
            FIX::Group entry(group.count, group.members.front(), order.data());
            do {
                entry.setField(fields[i].tag, fields[i].value);
                ++i;
            } while (i < fields.size() && fields[i].tag != group.members.front() &&
                     std::find(group.members.begin(), group.members.end(), fields[i].tag) !=
                         group.members.end());
            message.addGroup(entry);
        }
        return i - 1;
    }

    // ---- Application
    void onCreate(const FIX::SessionID&) override {}
    void onLogon(const FIX::SessionID&) override { owner_.logged_on(); }
    void onLogout(const FIX::SessionID&) override {}
    void toAdmin(FIX::Message& message, const FIX::SessionID&) override {
        if (gone_) return;
        FIX::Header& header = message.getHeader();
        header.setField(52, owner_.sending_time());
        if (header.getField(35) != "A") return;
        LogonHeader facts{header.getField(49), header.getField(56), header.getField(34),
                          header.getField(52)};
        TextFields fields;
        refused_to_sign_ = !owner_.complete_logon(facts, fields);
        fill(message, fields);
    }
    void toApp(FIX::Message& message, const FIX::SessionID&) throw(FIX::DoNotSend) override {
        FIX::Header& header = message.getHeader();
        // What is asked for again is never an order sent twice: the gap is filled instead.
        if (header.isSetField(43)) throw FIX::DoNotSend();
        header.setField(52, owner_.sending_time());
        sent_ = static_cast<std::uint64_t>(std::atoll(header.getField(34).c_str()));
    }
    void fromAdmin(const FIX::Message& message,
                   const FIX::SessionID&) throw(FIX::FieldNotFound, FIX::IncorrectDataFormat,
                                                FIX::IncorrectTagValue, FIX::RejectLogon) override {
        told(message);
    }
    void fromApp(const FIX::Message& message,
                 const FIX::SessionID&) throw(FIX::FieldNotFound, FIX::IncorrectDataFormat,
                                              FIX::IncorrectTagValue,
                                              FIX::UnsupportedMessageType) override {
        told(message);
    }

    // ---- Responder
    bool send(const std::string& bytes) override {
        if (gone_ || refused_to_sign_) return false;
        if (owner_.write(bytes)) return true;
        disconnect();
        return false;
    }
    void disconnect() override {
        if (gone_) return;
        gone_ = true;
        owner_.hang_up();
    }

    EngineSettings settings_;
    EngineOwner& owner_;
    FIX::MemoryStoreFactory stores_;
    FIX::Session session_;
    FIX::Parser parser_;
    std::map<long, std::string> ahead_;
    const std::string* text_ = nullptr;
    long current_ = 0;
    std::size_t unread_ = 0;
    std::uint64_t sent_ = 0;
    bool asked_ = false;
    bool gone_ = false;
    bool refused_to_sign_ = false;
};

}  // namespace

std::unique_ptr<Engine> Engine::make(const EngineSettings& settings, EngineOwner& owner) {
    return std::unique_ptr<Engine>(new QuickFixEngine(settings, owner));
}

}  // namespace fix
}  // namespace parallax
