#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/engine/listing.hpp"
#include "sim/engine/reasons.hpp"

namespace parallax::sim_okx {

/// An error of OKX v5 with the HTTP status REST gives it. Source: okx.md section 7; where it names
/// only the number, the text is the venue's usual one.
struct Code {
    std::string_view code;
    std::uint16_t status;
    std::string_view text;  ///< "{}" stands for a parameter's name
};

inline constexpr Code kBodyEmpty{"50000", 400, "Body for POST request cannot be empty."};
inline constexpr Code kBadJson{"50002", 400, "JSON syntax error"};
inline constexpr Code kRateLimit{
    "50011", 429,
    "Rate limit reached. Please refer to API documentation and throttle requests accordingly."};
inline constexpr Code kParameterEmpty{"50014", 400, "Parameter {} cannot be empty."};
inline constexpr Code kEither{"50015", 400, "Either parameter {} is required"};
inline constexpr Code kPastExpiry{"50036", 200,
                                  "The expTime can't be earlier than the current system time. "
                                  "Please adjust the expTime and try again."};
inline constexpr Code kSubAccountLimit{"50061", 429,
                                       "Sub-account rate limit reached. Please refer to API "
                                       "documentation and throttle requests accordingly."};
inline constexpr Code kWrongEnvironment{"50101", 401, "APIKey does not match current environment."};
inline constexpr Code kTimestampExpired{"50102", 401, "Timestamp request expired"};
inline constexpr Code kNoKey{"50103", 401, "Request header \"OK-ACCESS-KEY\" cannot be empty."};
inline constexpr Code kNoPassphrase{"50104", 401,
                                    "Request header \"OK-ACCESS-PASSPHRASE\" cannot be empty."};
inline constexpr Code kWrongPassphrase{"50105", 401,
                                       "Request header \"OK-ACCESS-PASSPHRASE\" incorrect."};
inline constexpr Code kNoSign{"50106", 401, "Request header \"OK-ACCESS-SIGN\" cannot be empty."};
inline constexpr Code kNoTimestamp{"50107", 401,
                                   "Request header \"OK-ACCESS-TIMESTAMP\" cannot be empty."};
inline constexpr Code kBadTimestamp{"50112", 401, "Invalid OK-ACCESS-TIMESTAMP"};
inline constexpr Code kBadSign{"50113", 401, "Invalid Sign"};
inline constexpr Code kWrongAddress{"50110", 401,
                                    "Your IP {} is not included in your API key's IP whitelist."};
inline constexpr Code kWrongMethod{"50115", 405, "Invalid request method."};
inline constexpr Code kUnknownKey{"50119", 401, "API key doesn't exist"};
inline constexpr Code kNotPermitted{"50120", 401,
                                    "This API key doesn't have permission to use this function"};
inline constexpr Code kParameter{"51000", 400, "Parameter {} error"};
inline constexpr Code kUnknownInstrument{
    "51001", 200, "Instrument ID, Instrument ID code, or Spread ID doesn't exist."};
inline constexpr Code kAccountMode{
    "51010", 200, "You can't complete this request under your current account mode."};
inline constexpr Code kNoPosition{"51023", 200, "Position doesn't exist."};
inline constexpr Code kCloseOrdersFirst{"51115", 200,
                                        "Cancel all pending close-orders before liquidation."};
inline constexpr Code kNothingToAmend{"51500", 200, "You must enter a price, quantity, or TP/SL."};
inline constexpr Code kOrderNotFound{"51603", 200, "Order does not exist"};
inline constexpr Code kSettingFailed{
    "59000", 200,
    "Setting failed. Cancel any open orders, close positions, and stop trading bots first."};
inline constexpr Code kFillOrKillStp{
    "54036", 200, "You can't use FOK orders with the Cancel Both (CB) self trade prevention mode."};
inline constexpr Code kTags{
    "51071", 200, "You've reached the maximum limit for tag level cancel all after timers."};
inline constexpr Code kTransferTooLarge{
    "58116", 200, "Transfer failed. Insufficient amount available for transfer."};
inline constexpr Code kUnknownTransfer{"58129", 200,
                                       "Incorrect transId or transId does not support"};
inline constexpr Code kAddressNotVerified{"58207", 200,
                                          "Withdrawal address isn't on the verified address list."};
inline constexpr Code kNotEnoughForFee{"58229", 200,
                                       "Insufficient funds to cover the withdrawal fee."};
inline constexpr Code kUnknownWithdrawal{"58215", 200, "Withdrawal ID does not exist."};
inline constexpr Code kWithdrawalFinal{"58216", 200, "Operation not allowed."};
inline constexpr Code kLeverage{"59102", 200, "Leverage exceeds the maximum limit."};

// WebSocket
inline constexpr Code kWsTimestamp{"60004", 0, "Invalid timestamp"};
inline constexpr Code kWsKey{"60005", 0, "Invalid apiKey"};
inline constexpr Code kWsExpired{"60006", 0, "Timestamp request expired"};
inline constexpr Code kWsSign{"60007", 0, "Invalid sign"};
inline constexpr Code kWsLogin{"60009", 0, "Login failed."};
inline constexpr Code kWsNotLoggedIn{"60011", 0, "Please log in"};
inline constexpr Code kWsRequest{"60012", 0, "Invalid request: {}"};
inline constexpr Code kWsArgs{"60013", 0, "Invalid args"};
inline constexpr Code kWsTooFrequent{"60014", 0, "Requests too frequent"};
inline constexpr Code kWsChannel{
    "60018", 0,
    "Wrong URL or {} doesn't exist. Please use the correct URL, channel and parameters referring "
    "to API document."};
inline constexpr Code kWsOp{"60019", 0, "Invalid op: {}"};
inline constexpr Code kWsPassphrase{"60024", 0, "Wrong passphrase"};
inline constexpr Code kWsSecondLogin{
    "60031", 0, "The WebSocket endpoint does not allow multiple or duplicate logins."};
inline constexpr Code kWsUnknownKey{"60032", 0, "API key doesn't exist"};
inline constexpr Code kWsParameter{"60033", 0, "Parameter {} error"};
inline constexpr Code kWsTier{
    "64003", 0, "Your trading fee tier doesn't meet the requirement to access this channel"};
inline constexpr Code kWsBookConflict{
    "64004", 0,
    "Subscribe to both {} is not allowed. Unsubscribe books-l2-tbt first and then subscribe."};

/// The text with the parameter's name, or whatever it speaks of, put in.
[[nodiscard]] std::string text_of(const Code& code, std::string_view what = {});

/// What an order operation answers for one order: sCode, sMsg, subCode.
struct Refusal {
    std::string code = "0";
    std::string message;
    std::string sub;
    [[nodiscard]] bool refused() const noexcept { return code != "0"; }
};
[[nodiscard]] Refusal refusal(const Code& code, std::string_view what = {});

enum class Action : std::uint8_t { Place, Amend, Cancel };
/// What the venue says to a reject of its engine. `currency` is what the order pays with.
[[nodiscard]] Refusal refusal(sim_engine::Reject reason, Action action,
                              const sim_engine::Listing& listing, std::string_view currency);

/// `cancelSource` of an order that was closed (okx.md 4.4).
[[nodiscard]] std::string_view cancel_source(sim_engine::CloseReason reason) noexcept;

}  // namespace parallax::sim_okx
