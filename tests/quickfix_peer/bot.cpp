// C++14: QuickFIX's headers.
#include "bot.hpp"

#include <quickfix/Application.h>
#include <quickfix/MessageStore.h>
#include <quickfix/Session.h>
#include <quickfix/SessionSettings.h>
#include <quickfix/ThreadedSSLSocketInitiator.h>

#include <mutex>
#include <sstream>

namespace quickfix_peer {
namespace {

class QuickFixBot final : public Bot, private FIX::Application {
public:
    explicit QuickFixBot(const BotSettings& settings)
        : settings_(settings),
          id_("FIX.4.4", settings.sender, "SPOT"),
          configured_(configure(settings)),
          initiator_(*this, stores_, configured_) {
        initiator_.start();
    }
    ~QuickFixBot() override { stop(); }

    bool logged_on() const override {
        const std::lock_guard<std::mutex> lock(mutex_);
        return on_;
    }
    void send(const std::string& type,
              const std::vector<std::pair<int, std::string>>& fields) override {
        FIX::Message message;
        message.getHeader().setField(35, type);
        for (const auto& field : fields) message.setField(field.first, field.second);
        FIX::Session::sendToTarget(message, id_);
    }
    std::vector<Seen> seen() const override {
        const std::lock_guard<std::mutex> lock(mutex_);
        return seen_;
    }
    void stop() override {
        if (!stopped_) initiator_.stop();
        stopped_ = true;
    }

private:
    static FIX::SessionSettings configure(const BotSettings& settings) {
        std::istringstream text(
            "[DEFAULT]\nConnectionType=initiator\nReconnectInterval=1\nStartTime=00:00:00\n"
            "EndTime=23:59:59\nHeartBtInt=5\nUseDataDictionary=N\nResetOnLogon=Y\n"
            "TimestampPrecision=6\nCheckLatency=N\nSSLProtocol=all\n"
            "CertificationAuthoritiesFile=" +
            settings.ca_file +
            "\n[SESSION]\nBeginString=FIX.4.4\nTargetCompID=SPOT\nSenderCompID=" + settings.sender +
            "\nSocketConnectHost=127.0.0.1\nSocketConnectPort=" + settings.port + "\n");
        return FIX::SessionSettings(text);
    }
    void note(const FIX::Message& message) {
        static const int kTags[] = {11, 14, 31,  32,  37,  39,  41,   45,
                                    55, 58, 150, 373, 531, 533, 25016};
        Seen one;
        one[35] = message.getHeader().getField(35);
        for (const int tag : kTags) {
            if (message.isSetField(tag)) one[tag] = message.getField(tag);
        }
        const std::lock_guard<std::mutex> lock(mutex_);
        seen_.push_back(one);
    }

    void onCreate(const FIX::SessionID&) override {}
    void onLogon(const FIX::SessionID&) override {
        const std::lock_guard<std::mutex> lock(mutex_);
        on_ = true;
    }
    void onLogout(const FIX::SessionID&) override {
        const std::lock_guard<std::mutex> lock(mutex_);
        on_ = false;
    }
    void toAdmin(FIX::Message& message, const FIX::SessionID&) override {
        FIX::Header& header = message.getHeader();
        if (header.getField(35) != "A") return;
        if (settings_.wrong_clock) header.setField(52, "20200101-00:00:00.000000");
        const std::string soh(1, '\x01');
        const std::string signature = settings_.sign(
            header.getField(35) + soh + header.getField(49) + soh + header.getField(56) + soh +
            header.getField(34) + soh + header.getField(52));
        message.setField(95, std::to_string(signature.size()));
        message.setField(96, signature);
        message.setField(553, settings_.api_key);
        message.setField(25035, "2");
        if (settings_.drop_copy) message.setField(9406, "Y");
    }
    void toApp(FIX::Message&, const FIX::SessionID&) throw(FIX::DoNotSend) override {}
    void fromAdmin(const FIX::Message& message,
                   const FIX::SessionID&) throw(FIX::FieldNotFound, FIX::IncorrectDataFormat,
                                                FIX::IncorrectTagValue, FIX::RejectLogon) override {
        if (message.getHeader().getField(35) == "3") note(message);
    }
    void fromApp(const FIX::Message& message,
                 const FIX::SessionID&) throw(FIX::FieldNotFound, FIX::IncorrectDataFormat,
                                              FIX::IncorrectTagValue,
                                              FIX::UnsupportedMessageType) override {
        note(message);
    }

    BotSettings settings_;
    FIX::SessionID id_;
    FIX::SessionSettings configured_;
    FIX::MemoryStoreFactory stores_;
    mutable std::mutex mutex_;
    std::vector<Seen> seen_;
    bool on_ = false;
    bool stopped_ = false;
    FIX::ThreadedSSLSocketInitiator initiator_;
};

}  // namespace

std::unique_ptr<Bot> Bot::start(const BotSettings& settings) {
    return std::unique_ptr<Bot>(new QuickFixBot(settings));
}

}  // namespace quickfix_peer
