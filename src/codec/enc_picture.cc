#include "codec/enc_picture.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "stages/methods.h"

namespace residua::codec {

namespace {

bool has_equal_channels(const PictureView& picture) {
    for (int y = 0; y < picture.height; ++y) {
        const uint8_t* row = picture.row(y);
        for (int x = 0; x < picture.width; ++x, row += 3)
            if (row[0] != row[1] || row[0] != row[2]) return false;
    }
    return true;
}

// Of a picture of bytes. Nearly every picture shows in its first rows that it has none.
bool has_constant_channel(const PictureView& picture) {
    const auto channels = static_cast<size_t>(picture.channels);
    std::array<bool, kMostPictureChannels> constant{};
    std::fill_n(constant.begin(), channels, true);
    const uint8_t* first = picture.row(0);
    for (int y = 0; y < picture.height; ++y) {
        const uint8_t* row = picture.row(y);
        // All pixels as the first: a row that is its own beginning, moved.
        if (std::memcmp(row, first, channels) == 0 &&
            std::memcmp(row, row + channels, picture.row_bytes() - channels) == 0)
            continue;
        for (int x = 0; x < picture.width; ++x, row += channels)
            for (size_t c = 0; c < channels; ++c) constant[c] &= row[c] == first[c];
        if (std::ranges::none_of(constant, [](bool is) { return is; })) return false;
    }
    return true;
}

template <typename Sample>
bool has_sample_above(const PictureView& picture, int largest) {
    for (int y = 0; y < picture.height; ++y) {
        const uint8_t* row = picture.row(y);
        for (size_t i = 0; i < picture.row_bytes(); i += sizeof(Sample)) {
            Sample sample;
            std::memcpy(&sample, row + i, sizeof sample);
            if (sample > largest) return true;
        }
    }
    return false;
}

// The caller's rule, on which all that is made of the picture relies.
void check_samples(const PictureView& picture, const PictureKind& kind) {
    if (kind.bits == 8 * kind.sample_bytes()) return;
    if (kind.bits < 8 ? has_sample_above<uint8_t>(picture, kind.largest())
                      : has_sample_above<uint16_t>(picture, kind.largest()))
        throw Error(ErrorCode::kInvalidArgument,
                    "the picture has a sample above the largest of " + std::to_string(kind.bits) + " bits");
}

Picture first_channel(const PictureView& picture, Allocator& allocator) {
    Picture grey(allocator, picture.width, picture.height, 1);
    uint8_t* out = grey.samples.data();
    for (int y = 0; y < picture.height; ++y) {
        const uint8_t* in = picture.row(y);
        for (int x = 0; x < picture.width; ++x, in += picture.channels) *out++ = *in;
    }
    return grey;
}

const char* what_is_not_plain(const PictureKind& kind) {
    return kind.alpha                     ? "alpha"
           : kind.colour == Colour::kCmyk ? "the colours C, M, Y and K"
           : kind.bits != 8               ? "samples of other than 8 bits"
                                          : "sides of more than 65535 pixels";
}

// As the command line names them: "--codec NAME".
std::string codecs_of_any_kind() {
    std::string names;
    for (const Method* method : methods())
        if (method->traits().any_kind)
            names += (names.empty() ? "--codec " : ", ") + std::string(method->name());
    return names;
}

}  // namespace

SourcePicture::SourcePicture(const PictureView& picture, const PictureKind& kind, bool any_kind,
                             Allocator& allocator)
    : x_(picture),
      picture_kind_(kind),
      kind_(picture.channels == 1 ? container::Kind::kGrey : container::Kind::kRgb) {
    const bool plain = kind.is_plain() && std::max(picture.width, picture.height) <= container::kMaxPlainSide;
    if (!plain && !any_kind)
        throw Error(ErrorCode::kUnsupported, std::string("this codec cannot keep ") +
                                                 what_is_not_plain(kind) +
                                                 "; choose one that can: " + codecs_of_any_kind());
    check_samples(picture, kind);
    if (!plain || (any_kind && has_constant_channel(picture))) {
        kind_ = container::Kind::kAny;
        return;
    }
    if (kind_ == container::Kind::kGrey || !has_equal_channels(picture)) return;
    kind_ = container::Kind::kRgbStoredAsGrey;
    x_ = grey_.emplace(first_channel(picture, allocator)).view();
}

}  // namespace residua::codec
