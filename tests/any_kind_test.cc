// Pictures of every kind that the interface describes come back, whole and in strips, with either proof.
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "support/context.h"
#include "support/explanation.h"

namespace residua::testing {
namespace {

struct Kind {
    uint32_t colour, alpha, bits;
};

enum class Content { kSmooth, kNoise, kSparse, kOpaque, kEqual };

class AnyPicture {
  public:
    AnyPicture(const Kind& kind, uint32_t width, uint32_t height, Content content) {
        const uint32_t channels = residua_channels(kind.colour, kind.alpha);
        const uint32_t limit = 1U << kind.bits;
        std::mt19937 random(kind.bits);
        bytes_ = kind.bits > 8 ? 2 : 1;
        for (uint32_t y = 0; y < height; ++y)
            for (uint32_t x = 0; x < width; ++x)
                for (uint32_t c = 0; c < channels; ++c) {
                    const auto noise = static_cast<uint32_t>(random());
                    uint32_t value = (3 * x + 2 * y + 40 * c) * limit / 512 + noise % (limit / 16 + 1);
                    if (content == Content::kNoise) value = noise;
                    if (content == Content::kSparse) value = noise % 7 * (limit / 7);
                    if (content == Content::kOpaque && c + 1 == channels) value = limit - 1;
                    if (content == Content::kEqual && c > 0) value = last_;
                    last_ = value % limit;
                    pixels_.push_back(static_cast<uint16_t>(last_));
                }
        narrow_.assign(pixels_.begin(), pixels_.end());
        image_ = RESIDUA_INIT(residua_image);
        image_.pixels = bytes_ == 2 ? static_cast<void*>(pixels_.data()) : narrow_.data();
        image_.width = width, image_.height = height;
        image_.bits = kind.bits, image_.colour = kind.colour, image_.alpha = kind.alpha;
    }
    residua_image& image() { return image_; }
    bool equals(const residua_image& other) const {
        return other.width == image_.width && other.height == image_.height && other.bits == image_.bits &&
               other.colour == image_.colour && other.alpha == image_.alpha &&
               std::memcmp(other.pixels, image_.pixels, pixels_.size() * bytes_) == 0;
    }

  private:
    std::vector<uint16_t> pixels_;
    std::vector<uint8_t> narrow_;
    size_t bytes_ = 1;
    uint32_t last_ = 0;
    residua_image image_;
};

residua_encode_options with(int proof, uint32_t strip_height = 0, const char* model = "experts") {
    residua_encode_options options = RESIDUA_INIT(residua_encode_options);
    options.model = model;
    options.proof = proof;
    options.strip_height = strip_height;
    return options;
}

TEST(AnyKind, ComesBack) {
    residua::context context = context_of_every_codec();
    for (const uint32_t colour : {RESIDUA_COLOUR_GREY, RESIDUA_COLOUR_RGB, RESIDUA_COLOUR_CMYK})
        for (const uint32_t alpha : {0U, 1U})
            for (const uint32_t turn : {0U, 1U}) {
                // All depths in turn: every one of them with every kind would take minutes under sanitizers.
                constexpr uint32_t kBits[] = {16, 1, 9, 8, 12, 2, 7};
                const uint32_t bits = kBits[(4 * colour + 2 * alpha + turn) % 7];
                const Kind kind = {colour, alpha, bits};
                const Content content = static_cast<Content>((bits + colour + alpha) % 5);
                SCOPED_TRACE(::testing::Message() << colour << " " << alpha << " " << bits);
                AnyPicture picture(kind, 37, 21, content);
                for (const auto& options : {with(RESIDUA_PROOF_FAST), with(RESIDUA_PROOF_FULL, 16)}) {
                    const residua::buffer file = context.encode(picture.image(), options);
                    const residua::image decoded = context.decode(file.data(), file.size());
                    EXPECT_TRUE(picture.equals(decoded.get()));
                    const residua_info info = context.inspect(file.data(), file.size());
                    EXPECT_EQ(info.bits, bits);
                    EXPECT_EQ(info.alpha, alpha);
                    EXPECT_EQ(info.colour, colour);
                    expect_adds_up(context, {file.data(), file.data() + file.size()},
                                   explain(context, {file.data(), file.data() + file.size()}));
                }
            }
}

TEST(AnyKind, ConstantAndEqualChannelsCostNothing) {
    residua::context context = context_of_every_codec();
    const auto size = [&](const Kind& kind, Content content) {
        AnyPicture picture(kind, 90, 70, content);
        return context.encode(picture.image(), with(RESIDUA_PROOF_FAST)).size();
    };
    const size_t grey = size({RESIDUA_COLOUR_GREY, 0, 8}, Content::kEqual);
    EXPECT_LT(size({RESIDUA_COLOUR_GREY, 1, 8}, Content::kOpaque), grey + 30);
    const size_t deep = size({RESIDUA_COLOUR_GREY, 0, 12}, Content::kEqual);
    EXPECT_LT(size({RESIDUA_COLOUR_CMYK, 1, 12}, Content::kEqual), deep + 60);
}

// Values that never occur cost nothing: seven of 65536 as seven of eight.
TEST(AnyKind, UnusedValuesCostNothing) {
    residua::context context = context_of_every_codec();
    AnyPicture sparse({RESIDUA_COLOUR_GREY, 0, 16}, 120, 100, Content::kSparse);
    AnyPicture dense({RESIDUA_COLOUR_GREY, 0, 3}, 120, 100, Content::kSparse);
    const size_t of_sparse = context.encode(sparse.image(), with(RESIDUA_PROOF_FAST)).size();
    const size_t of_dense = context.encode(dense.image(), with(RESIDUA_PROOF_FAST)).size();
    EXPECT_LT(of_sparse, 120 * 100 * 3.5 / 8);
    EXPECT_NEAR(static_cast<double>(of_sparse), static_cast<double>(of_dense), 60);
}

TEST(AnyKind, LongSidesAreCoded) {
    residua::context context = context_of_every_codec();
    for (const auto& [width, height] : {std::pair{70001U, 2U}, {2U, 70001U}}) {
        // A high one of one colour: narrow pictures leave most of the experts' lanes idle.
        AnyPicture picture({RESIDUA_COLOUR_GREY, 0, 8}, width, height,
                           width > height ? Content::kSmooth : Content::kOpaque);
        const residua::buffer file = context.encode(picture.image(), with(RESIDUA_PROOF_FAST));
        EXPECT_TRUE(picture.equals(context.decode(file.data(), file.size()).get()));
    }
    // In strips of single rows, as a row alone may be much.
    AnyPicture wide({RESIDUA_COLOUR_GREY, 0, 8}, 65600, 2, Content::kSmooth);
    const residua::buffer file = context.encode(wide.image(), with(RESIDUA_PROOF_FAST, 1));
    EXPECT_EQ(context.inspect(file.data(), file.size()).strip_count, 2u);
    EXPECT_TRUE(wide.equals(context.decode(file.data(), file.size()).get()));
}

TEST(AnyKind, OtherCodecsRefuseByName) {
    residua::context context = context_of_every_codec();
    for (const Kind& kind : {Kind{RESIDUA_COLOUR_RGB, 1, 8}, Kind{RESIDUA_COLOUR_RGB, 0, 16},
                             Kind{RESIDUA_COLOUR_CMYK, 0, 8}, Kind{RESIDUA_COLOUR_GREY, 0, 1}})
        for (const char* model : {"test", "scales"}) {
            AnyPicture picture(kind, 20, 20, Content::kSmooth);
            try {
                context.encode(picture.image(), with(RESIDUA_PROOF_DEFAULT, 0, model));
                ADD_FAILURE() << "was coded";
            } catch (const residua::error& error) {
                EXPECT_EQ(error.status(), RESIDUA_UNSUPPORTED);
                EXPECT_NE(std::string(error.what()).find("--codec olm"), std::string::npos) << error.what();
            }
        }
}

// Every byte is under a checksum; a file that is cut is no picture.
TEST(AnyKind, DamageIsFound) {
    residua::context context = context_of_every_codec();
    for (const Kind& kind : {Kind{RESIDUA_COLOUR_RGB, 1, 12}, Kind{RESIDUA_COLOUR_GREY, 1, 8}}) {
        AnyPicture picture(kind, 19, 18, Content::kSmooth);
        const residua::buffer file = context.encode(picture.image(), with(RESIDUA_PROOF_FAST));
        std::vector<uint8_t> bytes(file.data(), file.data() + file.size());
        for (size_t i = 0; i < bytes.size(); i += 3) {
            bytes[i] ^= 4;
            EXPECT_THROW(context.decode(bytes.data(), bytes.size()), residua::error) << i;
            bytes[i] ^= 4;
            EXPECT_THROW(context.decode(bytes.data(), i), residua::error) << i;
        }
    }
}

}  // namespace
}  // namespace residua::testing
