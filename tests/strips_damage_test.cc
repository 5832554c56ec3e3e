// Strip files that are damaged, cut or made up: an error, or the right pixels, both as a whole and by rows.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/bytes.h"
#include "support/context.h"
#include "support/strips.h"

namespace residua::testing {
namespace {

constexpr uint32_t kWidth = 24, kHeight = 40, kStrip = 16;

class StripsDamage : public ::testing::TestWithParam<const char*> {
  protected:
    StripsDamage() : context_(context_of_every_codec()), picture_(make_picture(kWidth, kHeight, 3)) {}

    void SetUp() override {
        bytes_ = encoded(picture_, kStrip);
        file_ = StripFile::parse(bytes_);
    }

    FileBytes encoded(TestPicture picture, uint32_t strip_height) {
        residua_image image = picture.image();
        const FileBytes icc = {1, 2, 3};
        const residua_metadata entry = {"icc", icc.data(), icc.size()};
        if (strip_height > 0) image.metadata = &entry, image.metadata_count = 1;
        return bytes_of(context_.encode(image, strip_options(GetParam(), strip_height)));
    }

    // The status of decoding, which is the same in all ways. Fails the test where wrong pixels come out.
    residua_status status_of(const FileBytes& bytes) {
        residua_image image = RESIDUA_INIT(residua_image);
        const residua_status status = residua_decode(context_.get(), bytes.data(), bytes.size(), &image);
        EXPECT_NE(status, RESIDUA_INTERNAL);
        if (status == RESIDUA_OK) {
            EXPECT_TRUE(std::equal(picture_.pixels.begin(), picture_.pixels.end(),
                                   static_cast<const uint8_t*>(image.pixels)));
            residua_image_free(&image);
        } else {
            EXPECT_NE(residua_last_error(context_.get())[0], '\0');
            EXPECT_EQ(image.pixels, nullptr);
        }
        EXPECT_EQ(residua_verify(context_.get(), bytes.data(), bytes.size()), status);
        for (const bool size_known : {false, true}) {
            RowsDecoded rows;
            residua_status by_rows = RESIDUA_OK;
            try {
                decode_rows(context_, bytes, rows, size_known, 7);
            } catch (const residua::error& error) {
                by_rows = error.status();
            }
            EXPECT_EQ(by_rows, status);
            // What was handed over before an error was right.
            EXPECT_LE(rows.pixels.size(), picture_.pixels.size());
            EXPECT_TRUE(std::equal(rows.pixels.begin(), rows.pixels.end(), picture_.pixels.begin()));
        }
        return status;
    }
    bool refused(const FileBytes& bytes) { return status_of(bytes) != RESIDUA_OK; }

    // The message as well, without the pixels' being compared.
    std::string message_of(const FileBytes& bytes, residua_status expected) {
        EXPECT_EQ(status_of(bytes), expected);
        EXPECT_EQ(residua_verify(context_.get(), bytes.data(), bytes.size()), expected);
        return residua_last_error(context_.get());
    }

    residua::context context_;
    const TestPicture picture_;
    FileBytes bytes_;
    StripFile file_;
};
INSTANTIATE_TEST_SUITE_P(Models, StripsDamage, ::testing::Values("test", "scales", "experts"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(StripsDamage, TheFileIsGoodBeforeIt) {
    EXPECT_FALSE(refused(bytes_));
    EXPECT_EQ(file_.parts.size(), 3u);
    EXPECT_EQ(file_.bytes(), bytes_);
}

// Each of them goes one way only, in turns. All bytes of the head and of the parts' sizes and beginnings; of
// the rest of the parts, which damage_test.cc does byte by byte, some.
TEST_P(StripsDamage, EveryFlippedByteAndEveryTruncationIsRefused) {
    const auto good = [&](const FileBytes& bytes, size_t way) {
        if (way % 2) return residua_verify(context_.get(), bytes.data(), bytes.size()) == RESIDUA_OK;
        try {
            RowsDecoded rows;
            decode_rows(context_, bytes, rows, way % 4 == 0);
        } catch (const residua::error&) {
            return false;
        }
        return true;
    };
    const auto in_a_part = [&](size_t i) {
        size_t begin = bytes_.size();
        for (size_t part = file_.parts.size(); part-- > 0 && begin > i;)
            begin -= file_.parts[part].size() + 2;
        return i >= begin && i - begin > 80;
    };
    for (size_t i = 0; i < bytes_.size(); ++i) {
        if (in_a_part(i) && i % 64) continue;
        FileBytes damaged = bytes_;
        damaged[i] ^= static_cast<uint8_t>(i % 3 ? 0x01 : 0xff);
        ASSERT_FALSE(good(damaged, i)) << "byte " << i;
        damaged = bytes_;
        damaged.resize(i);
        ASSERT_FALSE(good(damaged, i + 1)) << "the first " << i << " bytes";
    }
}

TEST_P(StripsDamage, BytesAfterTheEndAreRefused) {
    FileBytes longer = bytes_;
    longer.push_back(0);
    EXPECT_EQ(status_of(longer), RESIDUA_CORRUPT);
    StripFile file = file_;
    file.parts.push_back(file.parts.back());
    EXPECT_EQ(status_of(file.bytes()), RESIDUA_CORRUPT);
}

TEST_P(StripsDamage, RandomBytesAreRefused) {
    std::mt19937 random(7);
    const size_t head =
        bytes_.size() - file_.parts[0].size() - file_.parts[1].size() - file_.parts[2].size() - 6;
    for (int round = 0; round < 500; ++round) {
        FileBytes bytes(random() % 300);
        for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
        // With a good beginning, or a good head.
        const size_t good = round % 3 == 0 ? 0 : round % 3 == 1 ? size_t{5} : head;
        if (bytes.size() > good) std::copy_n(bytes_.begin(), good, bytes.begin());
        ASSERT_TRUE(refused(bytes));
    }
}

// Checksums stop accidents; an attacker makes them fit. What is behind them must hold, too.
constexpr uint8_t kIccBox[] = {0x81, 3, 1, 2, 3};

struct HeadNumbers {
    uint8_t channels = 3;
    uint64_t width = kWidth, height = kHeight, strip_height = kStrip;
    FileBytes boxes = FileBytes(std::begin(kIccBox), std::end(kIccBox));

    FileBytes body() const {
        ByteWriter writer;
        writer.u8(channels);
        for (const uint64_t number : {width, height, strip_height}) writer.varint(number);
        writer.put(boxes);
        return std::move(writer.bytes);
    }
};

TEST_P(StripsDamage, HeadsWithFittingChecksumsAreRefused) {
    const auto with = [&](const auto& change) {
        HeadNumbers numbers;
        change(numbers);
        StripFile file = file_;
        file.body = numbers.body();
        return status_of(file.bytes());
    };
    EXPECT_EQ(with([](auto&) {}), RESIDUA_OK);
    EXPECT_EQ(with([](auto& head) { head.channels = 1; }), RESIDUA_CORRUPT);
    for (const uint8_t channels : {0, 2, 4, 255})
        EXPECT_EQ(with([=](auto& head) { head.channels = channels; }), RESIDUA_UNSUPPORTED);
    for (const uint64_t width : {uint64_t{0}, uint64_t{kWidth - 1}, uint64_t{kWidth + 1}, uint64_t{65535},
                                 uint64_t{65536}, UINT64_MAX})
        EXPECT_EQ(with([=](auto& head) { head.width = width; }), RESIDUA_CORRUPT) << width;
    // Without their last strip, or with one more, or with a last one of another height.
    for (const uint64_t height : {0u, 1u, 16u, 32u, 39u, 41u, 65536u})
        EXPECT_EQ(with([=](auto& head) { head.height = height; }), RESIDUA_CORRUPT) << height;
    EXPECT_NE(with([](auto& head) { head.height = 49; }), RESIDUA_OK);
    for (const uint64_t rows : {0u, 1u, 15u, 17u, 32u, 48u, 65520u, 65536u})
        EXPECT_EQ(with([=](auto& head) { head.strip_height = rows; }), RESIDUA_CORRUPT) << rows;
}

TEST_P(StripsDamage, BoxesOfTheHeadAreThoseOfWholeFiles) {
    const auto with = [&](const FileBytes& boxes) {
        HeadNumbers numbers;
        numbers.boxes = boxes;
        StripFile file = file_;
        file.body = numbers.body();
        return status_of(file.bytes());
    };
    EXPECT_EQ(with({}), RESIDUA_OK);
    EXPECT_EQ(with({0x82, 1, 9, 0x83, 1, 9}), RESIDUA_OK);
    EXPECT_EQ(with({0x90, 2, 9, 9}), RESIDUA_OK) << "an unknown one that may be skipped";
    EXPECT_EQ(with({0x02, 1, 9}), RESIDUA_UNSUPPORTED);
    EXPECT_EQ(with({0x01, 1, 9}), RESIDUA_UNSUPPORTED) << "tau belongs to a strip";
    EXPECT_EQ(with({0x81, 0}), RESIDUA_CORRUPT);
    EXPECT_EQ(with({0x81, 1, 9, 0x81, 1, 9}), RESIDUA_CORRUPT);
    EXPECT_EQ(with({0x81, 2, 9}), RESIDUA_TRUNCATED);
}

// Each a good file, but not the one that belongs there.
TEST_P(StripsDamage, PartsOfAnotherSizeOrKindAreRefused) {
    const auto with = [&](size_t part, const FileBytes& bytes) {
        StripFile file = file_;
        file.parts[part] = bytes;
        return message_of(file.bytes(), RESIDUA_CORRUPT);
    };
    const char* kSize = "another size or kind";
    for (size_t part = 0; part < 3; ++part) {
        const uint32_t rows = part == 2 ? 8 : 16;
        for (const TestPicture& other : {make_picture(kWidth + 1, rows, 3), make_picture(kWidth - 1, rows, 3),
                                         make_picture(kWidth, rows - 1, 3), make_picture(kWidth, rows + 1, 3),
                                         make_picture(kWidth, rows, 1)})
            EXPECT_NE(with(part, encoded(other, 0)).find(kSize), std::string::npos);
        TestPicture strip = make_picture(kWidth, rows, 3);
        residua_image image = strip.image();
        const FileBytes xmp = {5};
        const residua_metadata entry = {"xmp", xmp.data(), xmp.size()};
        image.metadata = &entry, image.metadata_count = 1;
        const FileBytes with_metadata = bytes_of(context_.encode(image, strip_options(GetParam(), 0)));
        EXPECT_NE(with(part, with_metadata).find("metadata"), std::string::npos);
        EXPECT_NE(with(part, {}).find("Residua"), std::string::npos);
    }
}

TEST_P(StripsDamage, StripsOfStripsAreRefused) {
    StripFile file = file_;
    file.parts[1] = bytes_;
    EXPECT_NE(message_of(file.bytes(), RESIDUA_CORRUPT).find("strips itself"), std::string::npos);
    file.parts[1] = file_.parts[1];
    file.parts[1][4] = 3;
    EXPECT_EQ(status_of(file.bytes()), RESIDUA_UNSUPPORTED);
    file = file_;
    file.version = 3;
    EXPECT_EQ(status_of(file.bytes()), RESIDUA_UNSUPPORTED);
}

// The bytes of a part that says it is `size` bytes long.
TEST_P(StripsDamage, WrongSizesOfPartsAreRefused) {
    ByteWriter before;
    StripFile none = file_;
    none.parts.clear();
    before.put(none.bytes());
    for (const uint64_t size :
         {uint64_t{0}, uint64_t{file_.parts[0].size() - 1}, uint64_t{file_.parts[0].size() + 1},
          uint64_t{bytes_.size()}, uint64_t{1} << 40, UINT64_MAX}) {
        ByteWriter writer = before;
        writer.varint(0);
        writer.varint(size);
        writer.put(file_.parts[0]);
        for (size_t part = 1; part < 3; ++part) {
            writer.varint(part);
            writer.varint(file_.parts[part].size());
            writer.put(file_.parts[part]);
        }
        EXPECT_TRUE(refused(writer.bytes)) << size;
    }
    // Numbers that are not in their shortest form, or too long.
    for (const FileBytes& number : {FileBytes{0x80, 0}, FileBytes(11, 0xff)}) {
        ByteWriter writer = before;
        writer.put(number);
        EXPECT_EQ(status_of(writer.bytes), RESIDUA_CORRUPT);
    }
}

// Two strips of the same height are each right by themselves.
TEST_P(StripsDamage, StripsInAnotherOrderAreRefused) {
    StripFile none = file_;
    none.parts.clear();
    for (const size_t second : {size_t{0}, size_t{2}}) {
        ByteWriter writer;
        writer.put(none.bytes());
        for (const size_t part : {size_t{1}, second, 2 - second}) {
            writer.varint(part);
            writer.varint(file_.parts[part].size());
            writer.put(file_.parts[part]);
        }
        EXPECT_EQ(status_of(writer.bytes), RESIDUA_CORRUPT);
    }
}

TEST_P(StripsDamage, PayloadsWithFittingSizesAreRefused) {
    std::mt19937 random(8);
    for (int round = 0; round < 24; ++round) {
        StripFile file = file_;
        FileBytes& part = file.parts[random() % 3];
        if (round % 2)
            part.resize(random() % part.size());
        else
            part[random() % part.size()] ^= static_cast<uint8_t>(1 + random() % 255);
        ASSERT_TRUE(refused(file.bytes()));
    }
}

// A file of some bytes may say that a part has 2^60, or that the picture has 4 gigapixels.
TEST_P(StripsDamage, HugeNumbersTakeNoMemory) {
    residua_settings settings = RESIDUA_INIT(residua_settings);
    settings.memory_limit = uint64_t{8} << 20;
    residua::context context = context_of_every_codec(settings);
    const auto status_by_rows = [&](const FileBytes& bytes) {
        try {
            RowsDecoded rows;
            decode_rows(context, bytes, rows, false);
        } catch (const residua::error& error) {
            return error.status();
        }
        return RESIDUA_OK;
    };
    StripFile none = file_;
    none.parts.clear();
    ByteWriter writer;
    writer.put(none.bytes());
    writer.varint(0);
    writer.varint(uint64_t{1} << 60);
    writer.put(file_.parts[0]);
    EXPECT_EQ(status_by_rows(writer.bytes), RESIDUA_TRUNCATED);

    ByteWriter body;
    for (uint8_t byte : container::kMagic) body.u8(byte);
    body.u8(container::kStripVersion);
    body.varint(uint64_t{1} << 62);
    body.u32(0);
    EXPECT_EQ(status_by_rows(body.bytes), RESIDUA_TRUNCATED);

    HeadNumbers numbers;
    numbers.width = numbers.height = 65535;
    numbers.strip_height = 65520;
    StripFile huge = file_;
    huge.body = numbers.body();
    EXPECT_EQ(status_by_rows(huge.bytes()), RESIDUA_CORRUPT);
    EXPECT_LT(context.peak_memory(), uint64_t{4} << 20);
}

TEST_P(StripsDamage, TheMemoryLimitIsKept) {
    residua::context unlimited = context_of_every_codec();
    RowsDecoded rows;
    decode_rows(unlimited, bytes_, rows, true);
    const uint64_t peak = unlimited.peak_memory();
    const auto status_with = [&](uint64_t limit) {
        residua_settings settings = RESIDUA_INIT(residua_settings);
        settings.memory_limit = limit;
        residua::context context = context_of_every_codec(settings);
        residua_status status = RESIDUA_OK;
        try {
            RowsDecoded again;
            decode_rows(context, bytes_, again, true);
        } catch (const residua::error& error) {
            status = error.status();
        }
        EXPECT_LE(context.peak_memory(), limit);
        return status;
    };
    EXPECT_EQ(status_with(peak), RESIDUA_OK);
    for (const uint64_t limit : {peak - 1, peak / 2, uint64_t{1}})
        EXPECT_EQ(status_with(limit), RESIDUA_MEMORY_LIMIT);
}

}  // namespace
}  // namespace residua::testing
