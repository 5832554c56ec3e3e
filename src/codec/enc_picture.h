// The picture to encode, in the channels that will be coded.
#pragma once

#include <optional>

#include "container/container.h"
#include "image/picture_memory.h"

namespace residua::codec {

class SourcePicture {
  public:
    // Of RGB whose channels are all equal, one is coded. `picture` must outlive this.
    SourcePicture(const PictureView& picture, Allocator& allocator);

    container::Kind kind() const { return kind_; }
    const PictureView& view() const { return x_; }

  private:
    PictureView x_;
    container::Kind kind_;
    std::optional<Picture> grey_;
};

}  // namespace residua::codec
