// What comes with a picture: any names, in any number, in their order.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "support/context.h"
#include "support/test_picture.h"

namespace residua::testing {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

class MetadataTest : public ::testing::Test {
  protected:
    static std::vector<residua_metadata> given(const Entries& entries) {
        std::vector<residua_metadata> all;
        for (const auto& [name, bytes] : entries) all.push_back({name.c_str(), bytes.data(), bytes.size()});
        return all;
    }
    static Entries listed(const residua_image& image) {
        Entries entries;
        for (size_t i = 0; i < image.metadata_count; ++i) {
            const residua_metadata& entry = image.metadata[i];
            entries.emplace_back(entry.name, std::string(static_cast<const char*>(entry.data), entry.size));
        }
        return entries;
    }
    residua::buffer encode(const Entries& entries, uint32_t strip_height = 0) {
        const std::vector<residua_metadata> all = given(entries);
        residua_image image = picture_.image();
        image.metadata = all.data();
        image.metadata_count = all.size();
        residua_encode_options options = RESIDUA_INIT(residua_encode_options);
        options.model = "experts";
        options.effort = 1;
        options.strip_height = strip_height;
        return context_.encode(image, options);
    }
    void expect_pixels(const residua::buffer& file) {
        const residua::image decoded = context_.decode(file.data(), file.size());
        const auto* pixels = static_cast<const uint8_t*>(decoded.get().pixels);
        EXPECT_TRUE(std::equal(picture_.pixels.begin(), picture_.pixels.end(), pixels));
    }

    residua::context context_ = context_of_every_codec();
    TestPicture picture_ = make_picture(40, 48, 3);
    const Entries entries_ = {{"png:gAMA", std::string("\0\0\xb1\x8f", 4)},
                              {"exif", std::string("II*\0", 4)},
                              {"png:tEXt", std::string("Title\0one", 9)},
                              {"png:tEXt", std::string("Title\0two", 9)},
                              {"icc", "profile"},
                              {"icc", "another"},
                              {"png-end:prVt", ""},
                              {"xmp", "<x/>"},
                              {std::string(255, 'n'), std::string(70000, 'b')}};
};

TEST_F(MetadataTest, OfAnyNameComeBackInTheirOrder) {
    for (const uint32_t strip_height : {0U, 16U}) {
        const residua::buffer file = encode(entries_, strip_height);
        EXPECT_EQ(listed(context_.decode_head(file.data(), file.size()).get()), entries_);
        EXPECT_EQ(listed(context_.decode(file.data(), file.size()).get()), entries_);
        expect_pixels(file);
    }
}

TEST_F(MetadataTest, AreReplacedWithoutTouchingThePixels) {
    const Entries others = {{"jpeg:COM", "words"}, {"xmp", "<y/>"}};
    for (const uint32_t strip_height : {0U, 16U}) {
        const residua::buffer file = encode(entries_, strip_height), plain = encode({}, strip_height);
        for (const Entries& entries : {others, Entries(), entries_}) {
            const residua::buffer changed =
                context_.replace_metadata(file.data(), file.size(), given(entries));
            EXPECT_EQ(listed(context_.decode_head(changed.data(), changed.size()).get()), entries);
            expect_pixels(changed);
            // As if it had been made with them.
            const residua::buffer same = encode(entries, strip_height);
            EXPECT_EQ(std::string(changed.data(), changed.data() + changed.size()),
                      std::string(same.data(), same.data() + same.size()));
        }
        const residua::buffer added = context_.replace_metadata(plain.data(), plain.size(), given(others));
        EXPECT_EQ(listed(context_.decode(added.data(), added.size()).get()), others);
    }
}

TEST_F(MetadataTest, OfADamagedFileAreNotReplaced) {
    const residua::buffer file = encode(entries_);
    for (size_t i = 0; i < file.size(); i += 97) {
        std::vector<uint8_t> damaged(file.data(), file.data() + file.size());
        damaged[i] ^= 1;
        EXPECT_THROW(context_.replace_metadata(damaged.data(), damaged.size(), {}), residua::error) << i;
        EXPECT_THROW(context_.replace_metadata(file.data(), i, {}), residua::error) << i;
    }
}

TEST_F(MetadataTest, TooManyAreRefused) {
    EXPECT_NO_THROW(encode(Entries(65535, {"n", ""})));
    EXPECT_THROW(encode(Entries(65536, {"n", ""})), residua::error);
}

}  // namespace
}  // namespace residua::testing
