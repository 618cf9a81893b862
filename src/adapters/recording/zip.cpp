#include "adapters/recording/zip.hpp"

#include <zlib.h>

#include <cstring>
#include <optional>
#include <vector>

#include "adapters/recording/inflate.hpp"

namespace parallax::recording {
namespace {

constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kEntryBytes = 46;
constexpr std::size_t kLocalBytes = 30;

template <class T>
T field(std::string_view bytes, std::size_t at) noexcept {
    T value{};
    if (at + sizeof value <= bytes.size()) std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

struct Entry {
    std::string name;
    std::uint16_t flags = 0;
    std::uint16_t method = 0;
    std::uint32_t crc = 0;
    std::uint64_t stored = 0;
    std::uint64_t size = 0;
    std::uint64_t offset = 0;
};

Result<std::string> load(const Storage& storage, std::uint64_t offset, std::uint64_t size) {
    const auto broken = [&] {
        return fail(Errc::Malformed, storage.name() + ": byte " + std::to_string(offset) +
                                         ": the zip directory is damaged or the file is cut");
    };
    if (offset > storage.size() || size > storage.size() - offset) return broken();
    std::string bytes(static_cast<std::size_t>(size), '\0');
    const auto got = storage.read_at(offset, bytes);
    if (!got) return tl::unexpected{got.error()};
    if (*got != size) return broken();
    return bytes;
}

/// Numbers too large for their 32 bits are in extra field 1, in this order (APPNOTE 4.5.3).
void read_large(std::string_view extra, Entry& entry) {
    while (extra.size() >= 4) {
        const std::size_t size = field<std::uint16_t>(extra, 2);
        if (field<std::uint16_t>(extra, 0) == 1) {
            std::string_view body = extra.substr(4, size);
            for (std::uint64_t* number : {&entry.size, &entry.stored, &entry.offset}) {
                if (*number != 0xFFFFFFFFU || body.size() < 8) continue;
                *number = field<std::uint64_t>(body, 0);
                body.remove_prefix(8);
            }
        }
        extra.remove_prefix(std::min(extra.size(), size + 4));
    }
}

std::optional<Entry> read_entry(std::string_view& directory) {
    if (directory.size() < kEntryBytes || field<std::uint32_t>(directory, 0) != 0x02014B50U)
        return std::nullopt;
    Entry entry;
    entry.flags = field<std::uint16_t>(directory, 8);
    entry.method = field<std::uint16_t>(directory, 10);
    entry.crc = field<std::uint32_t>(directory, 16);
    entry.stored = field<std::uint32_t>(directory, 20);
    entry.size = field<std::uint32_t>(directory, 24);
    entry.offset = field<std::uint32_t>(directory, 42);
    const std::size_t name = field<std::uint16_t>(directory, 28);
    const std::size_t extra = field<std::uint16_t>(directory, 30);
    const std::size_t comment = field<std::uint16_t>(directory, 32);
    if (directory.size() < kEntryBytes + name + extra + comment) return std::nullopt;
    entry.name = directory.substr(kEntryBytes, name);
    read_large(directory.substr(kEntryBytes + name, extra), entry);
    directory.remove_prefix(kEntryBytes + name + extra + comment);
    return entry;
}

Result<std::vector<Entry>> read_directory(const Storage& storage) {
    const std::uint64_t tail_size = std::min<std::uint64_t>(storage.size(), kEndBytes + 0xFFFF);
    const auto tail = load(storage, storage.size() - tail_size, tail_size);
    if (!tail) return tl::unexpected{tail.error()};
    const std::size_t end = tail->rfind("PK\x05\x06");
    if (end == std::string::npos || tail->size() - end < kEndBytes) {
        return fail(Errc::Malformed,
                    storage.name() + ": the zip has no directory at its end (the file is cut)");
    }
    const auto directory =
        load(storage, field<std::uint32_t>(*tail, end + 16), field<std::uint32_t>(*tail, end + 12));
    if (!directory) return tl::unexpected{directory.error()};
    std::vector<Entry> entries;
    for (std::string_view rest = *directory; !rest.empty();) {
        auto entry = read_entry(rest);
        if (!entry) return fail(Errc::Malformed, storage.name() + ": the zip directory is damaged");
        if (!entry->name.ends_with('/')) entries.push_back(std::move(*entry));
    }
    if (entries.empty()) return fail(Errc::Malformed, storage.name() + ": the zip has no entries");
    return entries;
}

class ZipStream final : public ByteStream {
public:
    ZipStream(std::shared_ptr<const Storage> storage, std::vector<Entry> entries)
        : storage_{std::move(storage)}, entries_{std::move(entries)} {}

    Result<std::size_t> read(std::span<char> out) override {
        while (next_ <= entries_.size()) {
            if (!open_) {
                if (next_ == entries_.size()) return finish();
                if (const auto opened = open_entry(); !opened) return stop(opened.error());
            }
            auto got = read_entry_bytes(out);
            if (!got) return stop(got.error());
            if (*got > 0) {
                crc_ = crc32(crc_, reinterpret_cast<const Bytef*>(out.data()),
                             static_cast<uInt>(*got));
                made_ += *got;
                last_ = out[*got - 1];
                return got;
            }
            if (const auto closed = close_entry(); !closed) return stop(closed.error());
            if (last_ != '\n') {  // the next entry begins a new line
                out[0] = last_ = '\n';
                return 1;
            }
        }
        return 0;
    }

private:
    [[nodiscard]] const Entry& entry() const noexcept { return entries_[next_]; }
    [[nodiscard]] tl::unexpected<Error> broken(const char* what) const {
        return fail(Errc::Malformed, storage_->name() + ": " + entry().name + ": " + what);
    }
    tl::unexpected<Error> stop(Error error) {
        next_ = entries_.size() + 1;
        return tl::unexpected{std::move(error)};
    }

    std::size_t finish() noexcept {
        set_consumed(storage_->size());  // the directory at the end counts as read
        return 0;
    }
    Result<void> open_entry() {
        if ((entry().flags & 1) != 0) return broken("the entry is encrypted");
        if (entry().method != 0 && entry().method != 8)
            return broken("compression method other than deflate");
        const auto local = load(*storage_, entry().offset, kLocalBytes);
        if (!local) return tl::unexpected{local.error()};
        if (field<std::uint32_t>(*local, 0) != 0x04034B50U)
            return broken("the entry is not where it should be");
        at_ = entry().offset + kLocalBytes + field<std::uint16_t>(*local, 26) +
              field<std::uint16_t>(*local, 28);
        if (at_ > storage_->size() || entry().stored > storage_->size() - at_) {
            return broken("the entry is longer than the file (the file is cut)");
        }
        end_ = at_ + entry().stored;
        inflater_.reset();
        if (entry().method == 8) {
            inflater_ = std::make_unique<Inflater>(*storage_, at_, end_, Inflater::Wrapper::Raw);
        }
        crc_ = 0;
        made_ = 0;
        last_ = '\n';
        open_ = true;
        return {};
    }
    Result<std::size_t> read_entry_bytes(std::span<char> out) {
        if (inflater_) {
            auto got = inflater_->read(out);
            set_consumed(inflater_->offset());
            return got;
        }
        auto got =
            storage_->read_at(at_, out.first(std::min<std::uint64_t>(out.size(), end_ - at_)));
        if (got) at_ += *got;
        set_consumed(at_);
        return got;
    }
    Result<void> close_entry() {
        if (crc_ != entry().crc || made_ != entry().size)
            return broken("the checksum does not match: damaged");
        open_ = false;
        ++next_;
        return {};
    }

    std::shared_ptr<const Storage> storage_;
    std::vector<Entry> entries_;
    std::size_t next_ = 0;  ///< the open entry, or the next to open
    bool open_ = false;
    std::unique_ptr<Inflater> inflater_;
    std::uint64_t at_ = 0;
    std::uint64_t end_ = 0;
    std::uint64_t made_ = 0;
    uLong crc_ = 0;
    char last_ = '\n';
};

}  // namespace

Result<std::unique_ptr<ByteStream>> open_zip(std::shared_ptr<const Storage> storage) {
    auto entries = read_directory(*storage);
    if (!entries) return tl::unexpected{entries.error()};
    return std::make_unique<ZipStream>(std::move(storage), std::move(*entries));
}

}  // namespace parallax::recording
