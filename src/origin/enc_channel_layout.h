// How the channels of a picture of any kind are best made planes.
#pragma once

#include <optional>
#include <vector>

#include "base/session.h"
#include "planes/channel_layout.h"

namespace residua::codec {

struct ForwardChannels {
    ChannelLayout layout;          // but for its transform
    std::vector<Picture> planes;   // ranks, as the layout's planes
    std::optional<Picture> plain;  // or the coded channels, for a plane transform
};

// x has the channels of `kind`.
ForwardChannels make_channels(const PictureView& x, const PictureKind& kind, Session& session);

// All but a transform and its alphabets, which follow where there is one.
void write_channel_layout(const ChannelLayout& layout, bool has_transform, ByteWriter& out);
void write_alphabets(const std::array<Alphabet, 3>& alphabets, int count, ByteWriter& out);

}  // namespace residua::codec
