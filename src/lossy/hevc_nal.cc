#include "lossy/hevc_nal.h"

namespace residua::lossy {

std::vector<uint8_t> remove_emulation_prevention(std::span<const uint8_t> nal) {
    std::vector<uint8_t> bytes;
    bytes.reserve(nal.size());
    int zeros = 0;
    for (const uint8_t byte : nal) {
        if (zeros >= 2 && byte == 3) {
            zeros = 0;
            continue;
        }
        zeros = byte == 0 ? zeros + 1 : 0;
        bytes.push_back(byte);
    }
    return bytes;
}

std::vector<uint8_t> add_emulation_prevention(std::span<const uint8_t> bytes) {
    std::vector<uint8_t> nal;
    nal.reserve(bytes.size());
    int zeros = 0;
    for (const uint8_t byte : bytes) {
        if (zeros >= 2 && byte <= 3) {
            nal.push_back(3);
            zeros = 0;
        }
        zeros = byte == 0 ? zeros + 1 : 0;
        nal.push_back(byte);
    }
    return nal;
}

std::vector<std::span<const uint8_t>> split_nals(std::span<const uint8_t> stream) {
    std::vector<std::span<const uint8_t>> nals;
    size_t begin = 0;
    const auto add = [&](size_t end) {
        while (end > begin && stream[end - 1] == 0) --end;
        if (end > begin) nals.push_back(stream.subspan(begin, end - begin));
    };
    for (size_t i = 0; i + 2 < stream.size();) {
        if (stream[i + 2] > 1) {
            i += 3;
        } else if (stream[i] == 0 && stream[i + 1] == 0 && stream[i + 2] == 1) {
            add(i);
            begin = i += 3;
        } else {
            ++i;
        }
    }
    add(stream.size());
    return nals;
}

void write_profile_tier_level(BitWriter& writer) {
    writer.u(8, 4);         // profile space 0, main tier, format range extensions
    writer.u(32, 1 << 27);  // compatible with profile 4
    writer.u(4, 0b1001);    // progressive frames only
    writer.u(32, 0);
    writer.u(12, 0);
    writer.u(8, 255);  // level 8.5: no limit
}

std::vector<uint8_t> rebuild_vps() {
    BitWriter writer;
    writer.u(16, kVpsNalHeader);
    writer.u(4, 0);  // VPS id
    writer.u(2, 3);  // base layer internal and available
    writer.u(6, 0);  // one layer
    writer.u(3, 0);  // one sub-layer
    writer.flag(true);
    writer.u(16, 0xffff);
    write_profile_tier_level(writer);
    writer.flag(false);  // sub-layer ordering for each sub-layer
    for (int i = 0; i < 3; ++i) writer.ue(0);
    writer.u(6, 0);      // highest layer id
    writer.ue(0);        // one layer set
    writer.flag(false);  // timing
    writer.flag(false);  // extension
    writer.flag(true);   // RBSP stop bit
    return add_emulation_prevention(writer.bytes());
}

}  // namespace residua::lossy
