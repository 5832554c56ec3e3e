#include "codec/enc_picture.h"

namespace residua::codec {

namespace {

bool has_equal_channels(const PictureView& picture) {
    for (int y = 0; y < picture.height; ++y) {
        const uint8_t* row = picture.row(y);
        for (int x = 0; x < picture.width; ++x)
            if (row[3 * x] != row[3 * x + 1] || row[3 * x] != row[3 * x + 2]) return false;
    }
    return true;
}

Picture first_channel(const PictureView& picture, Allocator& allocator) {
    Picture grey(allocator, picture.width, picture.height, 1);
    uint8_t* out = grey.samples.data();
    for (int y = 0; y < picture.height; ++y)
        for (int x = 0; x < picture.width; ++x) *out++ = picture.row(y)[x * picture.channels];
    return grey;
}

}  // namespace

SourcePicture::SourcePicture(const PictureView& picture, Allocator& allocator)
    : x_(picture), kind_(picture.channels == 1 ? container::Kind::kGrey : container::Kind::kRgb) {
    if (kind_ == container::Kind::kGrey || !has_equal_channels(picture)) return;
    kind_ = container::Kind::kRgbStoredAsGrey;
    x_ = grey_.emplace(first_channel(picture, allocator)).view();
}

}  // namespace residua::codec
