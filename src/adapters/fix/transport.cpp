#include "adapters/fix/transport.hpp"

#include <algorithm>

#include "adapters/fix/fields.hpp"
#include "core/assert.hpp"

namespace parallax::fix {

using ports::ConnectionId;
using ports::NetEvent;
using ports::NetEventKind;

namespace {

constexpr std::string_view kScheme = "fix:";
constexpr Nanos kTick = Nanos::millis(250);
constexpr std::size_t kRemembered = 1'024;                // sent messages a Reject may refer to
constexpr std::uint64_t kOurs = std::uint64_t{1} << 63U;  // no other transport gives such ids

}  // namespace

class Transport::Session final : private EngineOwner {
public:
    Session(Transport& transport, ConnectionId id, std::shared_ptr<const SessionProfile> profile)
        : transport_{transport}, id_{id}, profile_{std::move(profile)} {
        EngineSettings settings;
        settings.begin_string = profile_->begin_string;
        settings.sender = profile_->sender();
        settings.target = profile_->target;
        settings.heartbeat_s = profile_->heartbeat_s;
        settings.reset_on_logon = profile_->reset_on_logon;
        settings.fills_gaps = profile_->fills_gaps;
        settings.header_tags = profile_->header_tags;
        settings.groups = profile_->groups;
        engine_ = Engine::make(settings, *this);
    }
    [[nodiscard]] ConnectionId id() const noexcept { return id_; }
    [[nodiscard]] ConnectionId line() const noexcept { return line_; }
    void set_line(ConnectionId line) noexcept { line_ = line; }
    void tick() { engine_->tick(); }

    void take(const NetEvent& event) {
        switch (event.kind) {
            case NetEventKind::Opened:
                open_ = true;
                tell(NetEventKind::Opened);
                break;
            case NetEventKind::Message:
                engine_->receive(event.bytes.data(), event.bytes.size());
                break;
            case NetEventKind::Closed:
                transport_.tell(*this, NetEventKind::Closed, event.code,
                                why_.empty() ? std::string{event.bytes} : why_);
                break;
            default:
                break;
        }
    }
    HotResult<void> send(std::string_view text) {
        if (!open_ || leaving_) return fail(Errc::Unavailable);
        TextFields fields;
        std::string type;
        Field id;
        Fields all{text};
        while (const auto field = all.next()) {
            switch (field->tag) {
                case 35:
                    type = field->value;
                    break;
                case 52:
                    if (const UnixNanos time = read_time(field->value); time.known())
                        ahead_ = time - transport_.now();
                    break;
                case kAskTag:
                    ask_ = field->value;
                    break;
                default:
                    if (field->tag == 11 || field->tag == 262) id = *field;
                    fields.push_back({field->tag, std::string{field->value}});
            }
        }
        if (type == "A") {
            engine_->log_on();
            return {};
        }
        const std::uint64_t number = type.empty() ? 0 : engine_->send(type, fields);
        if (number == 0) return fail(Errc::Unavailable);
        sent_.push_back({number, id.tag, std::string{id.value}});
        if (sent_.size() > kRemembered) sent_.pop_front();
        return {};
    }
    HotResult<void> ping() {
        if (!open_ || leaving_ || !engine_->test()) return fail(Errc::Unavailable);
        return {};
    }
    void close() {
        if (leaving_) return;
        leaving_ = true;
        engine_->log_out();  // hangs up at once where no session is on
    }

private:
    void tell(NetEventKind kind, std::string text = {}) {
        transport_.tell(*this, kind, 0, std::move(text));
    }
    bool write(const std::string& bytes) override {
        if (transport_.below_.send(line_, bytes)) return true;
        // The message has its number already: without it the session is broken.
        why_ = "the line takes nothing";
        return false;
    }
    void hang_up() override { transport_.below_.close(line_, 1000); }
    std::string sending_time() override { return time_text(transport_.now() + ahead_); }
    bool complete_logon(const LogonHeader& header, TextFields& fields) override {
        auto made = profile_->logon(header);
        if (!made) {
            why_ = made.error().detail;
            transport_.below_.close(line_, 1000);
            return false;
        }
        fields = std::move(*made);
        return true;
    }
    void logged_on() override {}
    void received(const std::string& whole) override {
        const std::string_view type = text(whole, 35);
        if (type == "0" || type == "1") return tell(NetEventKind::Pong);
        std::string told = whole;
        if (type == "A") append(told, kAskTag, ask_);
        if (type == "5") why_ = text(whole, 58);
        if (type == "3" || type == "j") {
            const auto refers = number(text(whole, 45));
            const auto sent = std::ranges::find_if(sent_, [&](const Sent& s) {
                return refers && s.number == static_cast<std::uint64_t>(*refers);
            });
            if (sent != sent_.end() && sent->tag != 0 && text(whole, sent->tag).empty())
                append(told, sent->tag, sent->id);
        }
        tell(NetEventKind::Message, std::move(told));
    }
    void refused(const std::string& whole, const char* why) override {
        why_ = text(whole, 58);
        if (why_.empty()) why_ = why;
        if (engine_->on()) return;  // it ends; nobody asked
        std::string told = whole;
        append(told, kAskTag, ask_);
        tell(NetEventKind::Message, std::move(told));
    }

    struct Sent {
        std::uint64_t number = 0;
        int tag = 0;  ///< of its id; 0: it had none
        std::string id;
    };
    Transport& transport_;
    ConnectionId id_;
    ConnectionId line_;
    std::shared_ptr<const SessionProfile> profile_;
    std::unique_ptr<Engine> engine_;
    Nanos ahead_{};  ///< the venue's clock before ours
    std::string ask_;
    std::string why_;
    std::deque<Sent> sent_;
    bool open_ = false;
    bool leaving_ = false;
};

Transport::Transport(ports::Transport& below) : below_{below} {}
Transport::~Transport() = default;

void Transport::add(SessionProfile profile) {
    PLX_ASSERT(profile.sender && profile.logon);
    const std::string name = profile.name;
    profiles_[name] = std::make_shared<const SessionProfile>(std::move(profile));
}

Result<ConnectionId> Transport::connect(const ports::WebSocketTarget& target) {
    if (!target.url.starts_with(kScheme)) return below_.connect(target);
    const auto profile = profiles_.find(target.url.substr(kScheme.size()));
    if (profile == profiles_.end())
        return fail(Errc::Rejected, "no FIX session is called " + target.url);
    ports::WebSocketTarget line;
    line.url = profile->second->url;
    line.timeout = target.timeout;
    const auto below = below_.connect(line);
    if (!below) return below;
    const ConnectionId id{kOurs | ++last_id_};
    auto session = std::make_unique<Session>(*this, id, profile->second);
    session->set_line(*below);
    lines_[*below] = session.get();
    sessions_[id] = std::move(session);
    return id;
}

HotResult<void> Transport::send(ConnectionId connection, std::string_view text) {
    if ((connection.raw() & kOurs) == 0) return below_.send(connection, text);
    const auto found = sessions_.find(connection);
    return found == sessions_.end() ? fail(Errc::Unavailable) : found->second->send(text);
}

HotResult<void> Transport::ping(ConnectionId connection) {
    if ((connection.raw() & kOurs) == 0) return below_.ping(connection);
    const auto found = sessions_.find(connection);
    return found == sessions_.end() ? fail(Errc::Unavailable) : found->second->ping();
}

void Transport::close(ConnectionId connection, std::uint16_t code) {
    if ((connection.raw() & kOurs) == 0) return below_.close(connection, code);
    if (const auto found = sessions_.find(connection); found != sessions_.end())
        found->second->close();
}

void Transport::tell(const Session& session, NetEventKind kind, std::uint16_t code,
                     std::string text) {
    Told& told = happened_.emplace_back();
    told.event.kind = kind;
    told.event.code = code;
    told.event.connection = session.id();
    told.event.received = below_.now();
    told.text = std::move(text);
}

void Transport::take(const NetEvent& event) {
    const bool of_request =
        event.kind == NetEventKind::Response || event.kind == NetEventKind::Failed;
    const auto line = of_request ? lines_.end() : lines_.find(event.connection);
    if (line == lines_.end()) {
        happened_.push_back({event, {}});
        return;
    }
    Session& session = *line->second;
    session.take(event);
    if (event.kind != NetEventKind::Closed) return;
    lines_.erase(line);
    sessions_.erase(session.id());
}

void Transport::tick() {
    if (below_.now() - ticked_ < kTick) return;
    ticked_ = below_.now();
    for (auto& [id, session] : sessions_) session->tick();
}

std::span<const NetEvent> Transport::poll(Nanos wait) {
    if (sessions_.empty() && happened_.empty()) return below_.poll(wait);
    // What was told between two polls is only ours: its text is kept here.
    if (!happened_.empty()) wait = Nanos{};
    for (const NetEvent& event : below_.poll(std::min(wait, kTick))) take(event);
    tick();
    told_.swap(happened_);
    happened_.clear();
    events_.clear();
    for (Told& told : told_) {
        const bool ours = (told.event.connection.raw() & kOurs) != 0 &&
                          told.event.kind != NetEventKind::Response &&
                          told.event.kind != NetEventKind::Failed;
        if (ours) told.event.bytes = told.text;
        events_.push_back(told.event);
    }
    return events_;
}

}  // namespace parallax::fix
