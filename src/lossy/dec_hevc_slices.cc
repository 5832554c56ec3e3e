#include "lossy/dec_hevc_slices.h"

#include <algorithm>
#include <string>

#include "lossy/hevc_nal.h"

namespace residua::lossy {
namespace {

constexpr uint32_t kIntraSlice = 2;  // slice_type I
constexpr size_t kHeaderBytes = 64;  // enough for the fields read here, emulation prevention included

void require(bool condition, const char* what) {
    if (!condition) throw Error(ErrorCode::kCorrupt, std::string("the lossy layer's HEVC data has ") + what);
}

std::vector<uint8_t> header_bytes(std::span<const uint8_t> nal) {
    return remove_emulation_prevention(nal.first(std::min(nal.size(), kHeaderBytes)));
}

struct PictureParameters {
    bool dependent_slice_segments = false;
    int extra_slice_header_bits = 0;
};

// The first fields of H.265, 7.3.2.3.
PictureParameters read_pps(std::span<const uint8_t> nal) {
    const std::vector<uint8_t> payload = header_bytes(nal);
    BitReader reader(payload);
    reader.u(16);
    require(reader.ue() == 0 && reader.ue() == 0, "a parameter set with an id other than 0");
    PictureParameters parameters;
    parameters.dependent_slice_segments = reader.flag();
    reader.flag();  // output_flag_present
    parameters.extra_slice_header_bits = static_cast<int>(reader.u(3));
    return parameters;
}

int bits_for(uint64_t count) {  // Ceil(Log2(count))
    int bits = 0;
    while ((uint64_t{1} << bits) < count) ++bits;
    return bits;
}

// The first fields of H.265, 7.3.6.1, up to slice_type.
// Returns the address of the segment's first tree block.
uint32_t read_slice(std::span<const uint8_t> nal, const PictureParameters& parameters, uint64_t tree_blocks) {
    const std::vector<uint8_t> payload = header_bytes(nal);
    BitReader reader(payload);
    reader.u(16);
    const bool first = reader.flag();
    reader.flag();  // no_output_of_prior_pics
    require(reader.ue() == 0, "a slice with another parameter set");
    bool dependent = false;
    uint32_t address = 0;
    if (!first) {
        if (parameters.dependent_slice_segments) dependent = reader.flag();
        address = reader.u(bits_for(tree_blocks));
        require(address > 0 && address < tree_blocks, "a slice outside the picture");
    }
    if (!dependent) {
        reader.u(parameters.extra_slice_header_bits);
        require(reader.ue() == kIntraSlice, "a slice that is not intra");
    }
    return address;
}

uint64_t count_tree_blocks(const HevcSps& sps) {
    const int size = sps.tools.min_coding_block() << sps.tools.log2_diff_max_min_luma_coding_block_size;
    const auto blocks = [size](int side) { return static_cast<uint64_t>((side + size - 1) / size); };
    return blocks(sps.format.width) * blocks(sps.format.height);
}

bool carries_no_picture(int type) { return type >= 35 && type <= 40; }  // delimiters, ends, filler, SEI

}  // namespace

std::vector<std::span<const uint8_t>> intra_picture_nals(const HevcSps& sps, std::span<const uint8_t> data) {
    const uint64_t tree_blocks = count_tree_blocks(sps);
    std::vector<std::span<const uint8_t>> nals;
    PictureParameters parameters;
    uint32_t last_address = 0;
    int picture_type = -1;
    for (const auto nal : split_nals(data)) {
        const int type = nal_type(nal);
        if (carries_no_picture(type)) continue;
        require(nal.size() > 2 && (nal[0] & 0x81) == 0 && nal[1] == 1, "a NAL unit of another layer");
        if (nals.empty()) {
            require(type == kNalPps, "no picture parameter set");
            parameters = read_pps(nal);
        } else {
            require(type == kNalIdr || type == kNalIdrWithRadl,
                    "a NAL unit that is no slice of a still picture");
            require(picture_type < 0 || type == picture_type, "slices of two pictures");
            const uint32_t address = read_slice(nal, parameters, tree_blocks);
            require((picture_type < 0) == (address == 0) && (address == 0 || address > last_address),
                    "slices out of order");
            last_address = address;
            picture_type = type;
        }
        nals.push_back(nal);
    }
    require(picture_type >= 0, "no picture");
    return nals;
}

}  // namespace residua::lossy
