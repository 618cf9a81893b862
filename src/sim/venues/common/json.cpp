#include "sim/venues/common/json.hpp"

#include <string>
#include <vector>

namespace parallax::sim_front {
namespace {

class Builder final : public nlohmann::json_sax<Json> {
public:
    explicit Builder(ReadJson& out) : out_{out} {}
    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(std::int64_t value) override { return put(value); }
    bool number_unsigned(std::uint64_t value) override { return put(value); }
    bool number_float(double, const std::string& text) override { return put(text); }
    bool string(std::string& value) override { return put(std::move(value)); }
    bool binary(Json::binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(Json::object()); }
    bool start_array(std::size_t) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(std::string& name) override {
        key_ = std::move(name);
        return true;
    }
    bool parse_error(std::size_t at, const std::string&,
                     const nlohmann::detail::exception&) override {
        out_.at = at;
        return false;
    }

private:
    Json* insert(Json value) {
        if (path_.empty()) {
            out_.value = std::move(value);
            return &out_.value;
        }
        Json& parent = *path_.back();
        if (parent.is_array()) {
            parent.push_back(std::move(value));
            return &parent.back();
        }
        Json& place = parent[key_];
        place = std::move(value);
        return &place;
    }
    bool put(Json value) {
        insert(std::move(value));
        return true;
    }
    bool open(Json value) {
        if (path_.size() == kMostDepth) return false;
        path_.push_back(insert(std::move(value)));
        return true;
    }
    bool close() {
        path_.pop_back();
        return true;
    }

    ReadJson& out_;
    std::vector<Json*> path_;
    std::string key_;
};

}  // namespace

ReadJson read_json(std::string_view text) {
    ReadJson out;
    Builder builder{out};
    out.good = Json::sax_parse(text, &builder);
    return out;
}

}  // namespace parallax::sim_front
