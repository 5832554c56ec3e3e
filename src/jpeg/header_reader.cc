#include "jpeg/header_reader.h"

#include <algorithm>
#include <functional>
#include <string_view>

#include "jpeg/huffman.h"

namespace residua::jpeg {

namespace {

constexpr uint8_t kSof0 = 0xC0, kSof2 = 0xC2, kDht = 0xC4, kJpg = 0xC8, kSof9 = 0xC9, kSof10 = 0xCA,
                  kDac = 0xCC, kSof15 = 0xCF;
constexpr uint8_t kRst0 = 0xD0, kRst7 = 0xD7, kSoi = 0xD8, kEoi = 0xD9, kSos = 0xDA, kDqt = 0xDB, kDri = 0xDD;
constexpr uint8_t kApp0 = 0xE0, kApp14 = 0xEE, kTem = 0x01;

int two_bytes(std::span<const uint8_t> bytes, size_t at) { return bytes[at] << 8 | bytes[at + 1]; }

int divide_up(int a, int b) { return (a + b - 1) / b; }

}  // namespace

McuGrid mcu_grid(const Frame& frame, const Scan& scan) {
    if (scan.interleaved())
        return {static_cast<uint32_t>(frame.mcu_columns), static_cast<uint32_t>(frame.mcu_rows)};
    const Component& only = frame.components[scan.parts[0].component];
    return {static_cast<uint32_t>(only.own_columns), static_cast<uint32_t>(only.own_rows)};
}

HeaderReader::HeaderReader(size_t start, int height) : position_(start + 2), height_(height) {
    // Motion JPEG leaves out the tables of annex K.
    for (size_t i = 0; i < 2; ++i) {
        scan_.dc[i] = standard_table(false, i == 1);
        scan_.ac[i] = standard_table(true, i == 1);
    }
}

bool HeaderReader::next_scan(std::span<const uint8_t> bytes) {
    for (;;) {
        // A marker: 0xFF once or more, then its code.
        size_t at = position_;
        while (at < bytes.size() && bytes[at] != 0xFF) ++at;
        size_t code = at;
        while (code < bytes.size() && bytes[code] == 0xFF) ++code;
        if (code >= bytes.size()) return false;
        passed_over_ += at - position_;
        const uint8_t marker = bytes[code];
        position_ = code + 1;
        if (marker == 0) {
            passed_over_ += 2;
            continue;
        }
        if ((marker >= kRst0 && marker <= kRst7) || marker == kTem) continue;
        if (marker == kSoi || marker == kEoi) return false;
        if (bytes.size() - position_ < 2) return false;
        const auto length = static_cast<size_t>(two_bytes(bytes, position_));
        if (length < 2 || length > bytes.size() - position_) return false;
        const auto body = bytes.subspan(position_ + 2, length - 2);
        position_ += length;
        if (!segment(marker, body)) return false;
        if (marker == kSos) return true;
    }
}

bool HeaderReader::segment(uint8_t marker, std::span<const uint8_t> body) {
    if (marker == kDht) return read_huffman_tables(body);
    if (marker == kDqt) return read_quantisation_tables(body);
    if (marker == kSos) return read_scan(body);
    if (marker == kDri) {
        if (body.size() != 2) return false;
        scan_.restart_interval = static_cast<uint32_t>(two_bytes(body, 0));
        return true;
    }
    if (marker == kApp0 || marker == kApp14) read_colour_marks(marker, body);
    if (marker == kDac) {
        read_conditioning(body);
        return true;
    }
    if (marker >= kSof0 && marker <= kSof15 && marker != kJpg) return read_frame(marker, body);
    return true;
}

// As libjpeg takes them: a JFIF marker has 14 bytes at least, Adobe's 12; the last one counts.
void HeaderReader::read_colour_marks(uint8_t marker, std::span<const uint8_t> body) {
    const auto begins_with = [body](std::string_view name) {
        return std::equal(name.begin(), name.end(), body.begin());
    };
    using namespace std::string_view_literals;
    if (marker == kApp0 && body.size() >= 14 && begins_with("JFIF\0"sv)) marks_.jfif = true;
    if (marker == kApp14 && body.size() >= 12 && begins_with("Adobe"sv)) marks_.adobe_transform = body[11];
}

bool HeaderReader::read_frame(uint8_t marker, std::span<const uint8_t> body) {
    if (marker > kSof2 && marker != kSof9 && marker != kSof10) return false;
    if (frame_.marker != 0 || body.size() < 6) return false;
    Frame frame;
    frame.marker = marker;
    frame.precision = body[0];
    frame.height = two_bytes(body, 1);
    frame.width = two_bytes(body, 3);
    if (frame.height == 0) frame.height = height_;
    const size_t count = body[5];
    if (count < 1 || count > kMostComponents || body.size() != 6 + 3 * count) return false;
    if (frame.width == 0 || frame.height == 0 || (frame.precision != 8 && frame.precision != 12))
        return false;
    for (size_t i = 0; i < count; ++i) {
        Component c;
        c.id = body[6 + 3 * i];
        c.across = body[7 + 3 * i] >> 4;
        c.down = body[7 + 3 * i] & 15;
        c.table = body[8 + 3 * i];
        if (c.across < 1 || c.across > kMostSampling || c.down < 1 || c.down > kMostSampling ||
            c.table >= kMostTables)
            return false;
        for (const Component& before : frame.components)
            if (before.id == c.id) return false;
        frame.most_across = std::max(frame.most_across, c.across);
        frame.most_down = std::max(frame.most_down, c.down);
        frame.components.push_back(c);
    }
    frame.mcu_columns = divide_up(frame.width, 8 * frame.most_across);
    frame.mcu_rows = divide_up(frame.height, 8 * frame.most_down);
    for (Component& c : frame.components) {
        c.columns = frame.mcu_columns * c.across;
        c.rows = frame.mcu_rows * c.down;
        c.own_columns = divide_up(divide_up(frame.width * c.across, frame.most_across), 8);
        c.own_rows = divide_up(divide_up(frame.height * c.down, frame.most_down), 8);
    }
    frame_ = std::move(frame);
    begun_.assign(count, false);
    return true;
}

bool HeaderReader::read_huffman_tables(std::span<const uint8_t> body) {
    while (!body.empty()) {
        if (body.size() < 17) return false;
        const int kind = body[0] >> 4, number = body[0] & 15;
        if (kind > 1 || number >= kMostTables) return false;
        HuffmanTable table;
        size_t total = 0;
        for (size_t length = 1; length <= 16; ++length) total += table.counts[length] = body[length];
        if (total > 256 || body.size() < 17 + total || !is_prefix_code(table)) return false;
        std::copy_n(body.begin() + 17, total, table.symbols.begin());
        table.defined = true;
        (kind == 0 ? scan_.dc : scan_.ac)[static_cast<size_t>(number)] = table;
        body = body.subspan(17 + total);
    }
    return true;
}

// Where frames are Huffman-coded it means nothing, whatever it says.
void HeaderReader::read_conditioning(std::span<const uint8_t> body) {
    Conditioning& all = scan_.conditioning;
    if (body.size() % 2 != 0) all.valid = false;
    for (size_t i = 0; i + 1 < body.size(); i += 2) {
        const uint8_t kind = body[i] >> 4, value = body[i + 1];
        const size_t table = body[i] & 15;
        const uint8_t lower = value & 15, upper = value >> 4;
        if (kind > 1 || table >= kMostTables || (kind == 0 ? lower > upper : value < 1 || value > 63)) {
            all.valid = false;
        } else if (kind == 0) {
            all.lower[table] = lower;
            all.upper[table] = upper;
        } else {
            all.low_frequencies[table] = value;
        }
    }
}

bool HeaderReader::read_quantisation_tables(std::span<const uint8_t> body) {
    while (!body.empty()) {
        const size_t bytes = body[0] >> 4 ? 2 : 1, number = body[0] & 15;
        if (body[0] >> 4 > 1 || number >= kMostTables || body.size() < 1 + 64 * bytes) return false;
        for (size_t i = 0; i < 64; ++i)
            steps_[number][kZigzag[i]] =
                static_cast<uint16_t>(bytes == 1 ? body[1 + i] : two_bytes(body, 1 + 2 * i));
        body = body.subspan(1 + 64 * bytes);
    }
    return true;
}

bool HeaderReader::read_scan(std::span<const uint8_t> body) {
    if (frame_.marker == 0 || body.empty()) return false;
    const size_t count = body[0];
    if (count < 1 || count > frame_.components.size() || body.size() != 4 + 2 * count) return false;
    scan_.parts.clear();
    for (size_t i = 0; i < count; ++i) {
        const uint8_t id = body[1 + 2 * i], tables = body[2 + 2 * i];
        const auto found = std::ranges::find(frame_.components, id, &Component::id);
        if (found == frame_.components.end() || (tables >> 4) >= kMostTables || (tables & 15) >= kMostTables)
            return false;
        const auto component = static_cast<size_t>(found - frame_.components.begin());
        // Each once; B.2.3 wants the frame's order, which decoders do not.
        if (std::ranges::find(scan_.parts, component, &Scan::Part::component) != scan_.parts.end())
            return false;
        scan_.parts.push_back({component, tables >> 4, tables & 15});
    }
    const size_t end = 1 + 2 * count;
    scan_.first = body[end], scan_.last = body[end + 1];
    scan_.high = body[end + 2] >> 4, scan_.low = body[end + 2] & 15;
    if (!scan_fits()) return false;
    if (std::ranges::none_of(begun_, std::identity())) frame_.marks = marks_;
    for (const Scan::Part& part : scan_.parts) {
        Component& c = frame_.components[part.component];
        if (!begun_[part.component]) c.steps = steps_[static_cast<size_t>(c.table)];
        begun_[part.component] = true;
    }
    return true;
}

bool HeaderReader::scan_fits() const {
    int blocks = 0;
    for (const Scan::Part& part : scan_.parts) {
        const Component& c = frame_.components[part.component];
        blocks += c.across * c.down;
    }
    if (scan_.interleaved() && blocks > kMostBlocksOfMcu) return false;
    if (frame_.arithmetic() && !scan_.conditioning.valid) return false;
    const auto defined = [this](const std::array<HuffmanTable, kMostTables>& tables, int Scan::Part::*which) {
        return frame_.arithmetic() || std::ranges::all_of(scan_.parts, [&](const Scan::Part& part) {
                   return tables[static_cast<size_t>(part.*which)].defined;
               });
    };
    if (!frame_.progressive()) {
        // What lies beside 0 … 63 and 0 in such files is ignored by decoders.
        const bool once = std::ranges::none_of(
            scan_.parts, [this](const Scan::Part& part) { return begun_[part.component]; });
        return once && defined(scan_.dc, &Scan::Part::dc) && defined(scan_.ac, &Scan::Part::ac);
    }
    const bool dc = scan_.first == 0;
    if (dc ? scan_.last != 0 : scan_.last < scan_.first || scan_.last > 63 || scan_.interleaved())
        return false;
    if (scan_.low > 13 || (scan_.high != 0 && scan_.high != scan_.low + 1)) return false;
    if (dc) return scan_.high != 0 || defined(scan_.dc, &Scan::Part::dc);
    return defined(scan_.ac, &Scan::Part::ac);
}

}  // namespace residua::jpeg
