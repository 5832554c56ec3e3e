// What is saved of damaged files: never a wrong pixel that is said to be right, and all that is whole.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <residua/residua.hpp>

#include "container/container.h"
#include "stages/methods.h"
#include "support/context.h"
#include "support/strips.h"
#include "support/test_picture.h"

namespace residua::testing {
namespace {

constexpr uint8_t kRight = 255, kPreviewed = 128;

struct Saved {
    residua_status status = RESIDUA_OK;
    uint32_t width = 0, height = 0;
    FileBytes pixels, map;
    double right() const {
        return map.empty()
                   ? 0
                   : static_cast<double>(std::count(map.begin(), map.end(), kRight)) / double(map.size());
    }
    // Whether all pixels of a row are of that kind.
    bool row_is(uint32_t y, uint8_t kind) const {
        const auto first = map.begin() + static_cast<ptrdiff_t>(size_t{y} * width);
        return std::all_of(first, first + width, [kind](uint8_t pixel) { return pixel == kind; });
    }
};

Saved salvage(residua::context& context, const FileBytes& file) {
    Saved saved;
    residua::image image, map;
    saved.status = residua_salvage(context.get(), file.data(), file.size(), image.out(), map.out());
    if (saved.status != RESIDUA_OK) {
        EXPECT_EQ(image->pixels, nullptr);
        EXPECT_EQ(map->pixels, nullptr);
        EXPECT_NE(residua_last_error(context.get())[0], '\0');
        return saved;
    }
    saved.width = image->width;
    saved.height = image->height;
    EXPECT_EQ(map->width, image->width);
    EXPECT_EQ(map->height, image->height);
    const size_t bytes =
        size_t{image->width} * image->height * residua::channels(image.get()) * (image->bits > 8 ? 2 : 1);
    saved.pixels.assign(image.pixels(), image.pixels() + bytes);
    saved.map.assign(map.pixels(), map.pixels() + size_t{map->width} * map->height);
    return saved;
}

// Damages of one kind, at random.
using Damages = std::function<void(FileBytes&, std::mt19937&)>;
struct Kind {
    const char* name;
    Damages damage;
};
const Kind kKinds[] = {
    {"bit", [](FileBytes& file,
               std::mt19937& random) { file[random() % file.size()] ^= uint8_t(1u << random() % 8); }},
    {"burst",
     [](FileBytes& file, std::mt19937& random) {
         const size_t begin = random() % file.size(), end = std::min(begin + 1 + random() % 64, file.size());
         for (size_t i = begin; i < end; ++i) file[i] = static_cast<uint8_t>(random());
     }},
    {"lost block",
     [](FileBytes& file, std::mt19937& random) {
         const size_t begin = random() % file.size(), end = std::min(begin + 1 + random() % 200, file.size());
         file.erase(file.begin() + static_cast<ptrdiff_t>(begin), file.begin() + static_cast<ptrdiff_t>(end));
     }},
    {"cut", [](FileBytes& file, std::mt19937& random) { file.resize(random() % file.size()); }},
    {"swapped blocks",
     [](FileBytes& file, std::mt19937& random) {
         const size_t size = 1 + random() % (file.size() / 3),
                      first = random() % (file.size() - 2 * size + 1),
                      second = first + size + random() % (file.size() - first - 2 * size + 1);
         std::swap_ranges(file.begin() + static_cast<ptrdiff_t>(first),
                          file.begin() + static_cast<ptrdiff_t>(first + size),
                          file.begin() + static_cast<ptrdiff_t>(second));
     }},
    {"foreign block",
     [](FileBytes& file, std::mt19937& random) {
         const FileBytes foreign(1 + random() % 100, static_cast<uint8_t>(random()));
         file.insert(file.begin() + static_cast<ptrdiff_t>(random() % file.size()), foreign.begin(),
                     foreign.end());
     }},
};

class Salvage : public ::testing::TestWithParam<const char*> {
  protected:
    FileBytes encode(TestPicture& picture, uint32_t strip_height) {
        residua_encode_options options = strip_options(GetParam(), strip_height);
        return bytes_of(context_.encode(picture.image(), options));
    }
    // Of the picture's size where the head is whole; a picture whose end is lost may be lower.
    static void expect_no_lie(const Saved& saved, const TestPicture& picture) {
        if (saved.status != RESIDUA_OK) return;
        ASSERT_EQ(saved.width, picture.width);
        ASSERT_LE(saved.height, picture.height);
        for (size_t i = 0; i < saved.map.size(); ++i) {
            if (saved.map[i] != kRight) continue;
            const size_t first = i * picture.channels;
            ASSERT_TRUE(std::equal(saved.pixels.data() + first,
                                   saved.pixels.data() + first + picture.channels,
                                   picture.pixels.data() + first))
                << "pixel " << i << " is said to be right";
        }
    }

    residua::context context_ = context_of_every_codec();
};
INSTANTIATE_TEST_SUITE_P(Models, Salvage, ::testing::Values("test", "scales", "experts"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(Salvage, GivesAllOfAFileThatIsWhole) {
    TestPicture picture = make_picture(40, 75, 3);
    for (const uint32_t height : {0u, 16u}) {
        const Saved saved = salvage(context_, encode(picture, height));
        ASSERT_EQ(saved.status, RESIDUA_OK);
        EXPECT_EQ(saved.right(), 1);
        EXPECT_EQ(saved.pixels, picture.pixels);
    }
}

TEST_P(Salvage, NeverCallsAWrongPixelRight) {
    TestPicture picture = make_picture(40, 150, 3, 3);
    const FileBytes file = encode(picture, 16);  // ten strips
    std::mt19937 random(5);
    for (const Kind& kind : kKinds) {
        constexpr int kRounds = 12;
        double right = 0;
        for (int round = 0; round < kRounds; ++round) {
            FileBytes damaged = file;
            kind.damage(damaged, random);
            const Saved saved = salvage(context_, damaged);
            expect_no_lie(saved, picture);
            right += saved.right() / kRounds;
        }
        RecordProperty(kind.name, std::to_string(right));
        // Of ten strips one or two are hit; a cut takes half of them, and swapped blocks are up to a third
        // each.
        const bool wide = std::string("cut") == kind.name || std::string("swapped blocks") == kind.name;
        EXPECT_GT(right, wide ? 0.25 : 0.75) << kind.name;
    }
}

// Without the head there are the strips; a strip that has lost its head is lost.
TEST_P(Salvage, FindsStripsWithoutTheHead) {
    TestPicture picture = make_picture(40, 75, 3);
    const FileBytes file = encode(picture, 16);
    for (const size_t at : {size_t{0}, size_t{5}, size_t{9}}) {
        FileBytes damaged = file;
        damaged[at] ^= 0x10;
        const Saved saved = salvage(context_, damaged);
        ASSERT_EQ(saved.status, RESIDUA_OK) << at;
        EXPECT_EQ(saved.height, picture.height);
        EXPECT_EQ(saved.right(), 1) << at;
        EXPECT_EQ(saved.pixels, picture.pixels);
    }
}

TEST_P(Salvage, TakesAStripsNumberForTrueOnlyWithASecondWitness) {
    TestPicture picture = make_picture(40, 75, 3);
    const StripFile strips = StripFile::parse(encode(picture, 16));  // 16, 16, 16, 16, 11 rows
    ASSERT_EQ(strips.parts.size(), 5u);
    const auto position = [&](size_t part) {
        FileBytes before =
            StripFile{strips.version,
                      strips.body,
                      {strips.parts.begin(), strips.parts.begin() + static_cast<ptrdiff_t>(part)}}
                .bytes();
        return before.size();
    };
    for (size_t part = 0; part < 5; ++part)
        for (const uint8_t number : {0, 1, 2, 3, 4, 7}) {
            FileBytes damaged = strips.bytes();
            ASSERT_EQ(damaged[position(part)], part);
            damaged[position(part)] = number;
            const Saved saved = salvage(context_, damaged);
            ASSERT_EQ(saved.status, RESIDUA_OK);
            expect_no_lie(saved, picture);
            for (uint32_t y = 0; y < 75; ++y)
                if (y / 16 != part) {
                    EXPECT_TRUE(saved.row_is(y, kRight)) << part << " as " << int{number} << ", row " << y;
                }
        }
    // In another order, with their numbers: each touches the wrong ones.
    const FileBytes file = strips.bytes();
    FileBytes mixed(file.begin(), file.begin() + static_cast<ptrdiff_t>(position(0)));
    for (const size_t part : {3u, 1u, 0u, 4u, 2u})
        mixed.insert(mixed.end(), file.begin() + static_cast<ptrdiff_t>(position(part)),
                     part == 4 ? file.end() : file.begin() + static_cast<ptrdiff_t>(position(part + 1)));
    const Saved saved = salvage(context_, mixed);
    expect_no_lie(saved, picture);
    EXPECT_EQ(saved.right(), 0);
}

// What is made up comes from the nearest that is known.
TEST_P(Salvage, FillsLostStripsFromTheirNeighbours) {
    TestPicture picture = make_picture(40, 75, 3);
    StripFile strips = StripFile::parse(encode(picture, 16));
    FileBytes file = strips.bytes();
    const auto at = std::search(file.begin(), file.end(), strips.parts[2].begin(), strips.parts[2].end());
    file.erase(at - 3, at + static_cast<ptrdiff_t>(strips.parts[2].size()));  // with its number and size
    const Saved saved = salvage(context_, file);
    ASSERT_EQ(saved.status, RESIDUA_OK);
    expect_no_lie(saved, picture);
    const size_t row = size_t{40} * 3;
    for (uint32_t y = 0; y < 75; ++y) {
        const bool lost = y / 16 == 2;
        EXPECT_TRUE(saved.row_is(y, lost ? 0 : kRight)) << y;
        const uint32_t from = lost ? (y < 40 ? 31 : 48) : y;
        EXPECT_TRUE(std::equal(saved.pixels.begin() + static_cast<ptrdiff_t>(y * row),
                               saved.pixels.begin() + static_cast<ptrdiff_t>((y + 1) * row),
                               picture.pixels.begin() + static_cast<ptrdiff_t>(from * row)))
            << y;
    }
}

TEST_P(Salvage, SaysWhereNothingIsLeft) {
    TestPicture picture = make_picture(40, 24, 3);
    FileBytes file = encode(picture, 0);
    file[8] ^= 1;
    EXPECT_EQ(salvage(context_, file).status, RESIDUA_CORRUPT);
    EXPECT_EQ(salvage(context_, {}).status, RESIDUA_CORRUPT);
    EXPECT_EQ(salvage(context_, FileBytes(1000, 0x89)).status, RESIDUA_CORRUPT);
    // The head is there, and nothing else: its size is known, and all is grey.
    const FileBytes good = encode(picture, 0);
    const container::File parsed = codec::parse_file(good);
    const auto end = static_cast<size_t>(parsed.streams[0][0].data() - good.data());
    FileBytes head(good.begin(), good.begin() + static_cast<ptrdiff_t>(end));
    if (!parsed.payload.empty()) head.resize(static_cast<size_t>(parsed.payload.data() - good.data()));
    const Saved saved = salvage(context_, head);
    ASSERT_EQ(saved.status, RESIDUA_OK);
    EXPECT_EQ(saved.right(), 0);
    EXPECT_EQ(saved.pixels, FileBytes(saved.pixels.size(), 128));
}

TEST_P(Salvage, ShowsThePreviewWhereThereIsOne) {
    if (std::string("experts") == GetParam()) GTEST_SKIP() << "its files have one layer";
    TestPicture picture = make_picture(40, 24, 3);
    FileBytes file = encode(picture, 0);
    file.back() ^= 1;  // in the picture's last tile
    const Saved saved = salvage(context_, file);
    ASSERT_EQ(saved.status, RESIDUA_OK);
    EXPECT_TRUE(saved.row_is(0, kPreviewed));
    const residua::image preview = context_.preview(encode(picture, 0).data(), encode(picture, 0).size());
    EXPECT_TRUE(std::equal(saved.pixels.begin(), saved.pixels.end(), preview.pixels()));
}

// A picture of several tiles, by the codecs whose tiles stand alone.
class SalvageTiles : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Codecs, SalvageTiles, ::testing::Values("olm", "scc"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(SalvageTiles, GivesThoseThatAreWhole) {
    const bool olm = std::string("olm") == GetParam();
    TestPicture picture = olm ? make_picture(1100, 1000, 1) : make_picture(40000, 8, 1);
    residua::context context = context_of_every_codec();
    residua_encode_options options = RESIDUA_INIT(residua_encode_options);
    options.codec = GetParam();
    options.effort = 1;
    options.proof = RESIDUA_PROOF_FAST;
    if (olm) options.model = "experts";
    const FileBytes file = bytes_of(context.encode(picture.image(), options));
    const container::File parsed = codec::parse_file(file);
    const container::Header& header = parsed.header;
    const auto tiles = static_cast<size_t>(header.tile_columns() * header.tile_rows());
    ASSERT_GT(tiles, 1u);
    for (const bool shorter : {false, true}) {
        FileBytes damaged = file;
        const auto first = parsed.streams[0][0].data() - file.data();
        if (shorter)
            damaged.erase(damaged.begin() + first, damaged.begin() + first + 7);
        else
            damaged[static_cast<size_t>(first) + 10] ^= 4;
        const Saved saved = salvage(context, damaged);
        ASSERT_EQ(saved.status, RESIDUA_OK);
        size_t right = 0;
        for (size_t i = 0; i < saved.map.size(); ++i)
            if (saved.map[i] == kRight) {
                ASSERT_EQ(saved.pixels[i], picture.pixels[i]) << i;
                ++right;
            }
        EXPECT_EQ(saved.map.front(), 0);
        EXPECT_EQ(saved.map.back(), kRight);
        EXPECT_GT(right, saved.map.size() / 3);
        EXPECT_LT(right, saved.map.size() * 2 / 3);
    }
}

}  // namespace
}  // namespace residua::testing
