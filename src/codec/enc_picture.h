// The picture to encode, in the channels that will be coded.
#pragma once

#include <optional>

#include "container/container.h"
#include "image/picture_memory.h"

namespace residua::codec {

class SourcePicture {
  public:
    // Of RGB whose channels are all equal, one is coded. any_kind: the method codes container::Kind::kAny.
    // `picture` must outlive this. Throws kUnsupported for what only such a method can code.
    SourcePicture(const PictureView& picture, const PictureKind& kind, bool any_kind, Allocator& allocator);

    container::Kind kind() const { return kind_; }
    const PictureKind& picture_kind() const { return picture_kind_; }
    const PictureView& view() const { return x_; }

  private:
    PictureView x_;
    PictureKind picture_kind_;
    container::Kind kind_;
    std::optional<Picture> grey_;
};

}  // namespace residua::codec
