// How the channels of a picture of any kind (container::Kind::kAny) become planes, and back: a channel may be
// the same everywhere, or the same as another one, or a plane of its own that holds ranks of its values.
// docs/format-deep.md, 1, defines it to the byte.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "image/alphabet.h"
#include "image/picture_kind.h"
#include "image/picture_memory.h"
#include "planes/plane_transform.h"
#include "planes/value_set.h"

namespace residua::codec {

struct ChannelSource {
    enum class From : uint8_t { kPlane = 0, kConstant = 1, kChannel = 2 };
    From from = From::kPlane;
    int what = 0;  // the constant, or the number of an earlier channel
};

// A channel that is coded for itself.
struct ChannelPlane {
    int channel = 0;
    ValueSet values;
    int exponent = 0;               // of the experts' unit, where there are more than 256 values
    int seen = 0;                   // how many of the planes before it sees, 0 … 2,
    std::array<uint8_t, 2> sees{};  // and which, by their place in the coding order
    std::array<int, 2> apart{};     // with guesses: how far its ranks are from theirs where both are alike
    int sample_bytes() const { return values.count() > 256 ? 2 : 1; }
};

constexpr int kMostExponent = 8;
constexpr int kMostApart = 65535;

struct ChannelLayout {
    PictureKind kind;
    int width = 0, height = 0;
    std::array<ChannelSource, kMostPictureChannels> sources;
    // The coded channels are one grey or RGB picture of 8 bits for plane_transform.h …
    std::optional<PlaneTransform> transform;
    std::array<Alphabet, 3> alphabets;  // of its planes
    // … or planes, in coding order.
    std::vector<ChannelPlane> planes;
    bool guesses = false;  // of wide planes: decisions come before their symbols

    int coded_channels() const;

    // Throws kUnsupported, kCorrupt or kTruncated; reads no further than its own last byte.
    static ChannelLayout parse(ByteReader& in, const PictureKind& kind, int width, int height,
                               Allocator& allocator);

    // The picture from planes, one for each of `planes` and of its sample_bytes.
    Picture picture_of(std::span<const Picture> coded, Allocator& allocator, ThreadPool& threads) const;
    // From what `transform` gave: a picture of the coded channels.
    Picture picture_of(const PictureView& coded, Allocator& allocator, ThreadPool& threads) const;

  private:
    template <typename Fill>
    Picture filled(Allocator& allocator, ThreadPool& threads, const Fill& fill) const;
    void fill_others(uint8_t* row) const;
};

}  // namespace residua::codec
