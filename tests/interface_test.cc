// The C interface's rules: sizes of structures, kinds of pictures, memory and threads of the caller.
#include <gtest/gtest.h>

#include <cstring>
#include <residua/research.hpp>
#include <thread>

#include "support/context.h"
#include "support/program.h"
#include "support/test_picture.h"

namespace residua::testing {
namespace {

// A structure as a later header has it: one more field.
template <typename T>
struct Later : T {
    uint64_t added = 0;
};

class Interface : public ::testing::Test {
  protected:
    Interface() : context_(context_of_every_codec()) {
        options_.model = "experts";
        file_ = context_.encode(picture_.image(), options_);
    }
    residua_status encode(const residua_image& image) {
        residua::buffer file;
        return residua_encode(context_.get(), &image, &options_, file.out());
    }
    std::string last_error() const { return residua_last_error(context_.get()); }

    residua::context context_;
    TestPicture picture_ = make_picture(40, 48, 3);
    residua_encode_options options_ = RESIDUA_INIT(residua_encode_options);
    residua::buffer file_;
};

TEST_F(Interface, SaysThatAStructuresSizeIsNotSet) {
    residua_image image = picture_.image();
    image.struct_size = 0;
    EXPECT_EQ(encode(image), RESIDUA_INVALID_ARGUMENT);
    EXPECT_NE(last_error().find("residua_image.struct_size"), std::string::npos) << last_error();
    options_.struct_size = 8;
    EXPECT_EQ(encode(picture_.image()), RESIDUA_INVALID_ARGUMENT);
    EXPECT_NE(last_error().find("residua_encode_options"), std::string::npos) << last_error();

    residua_info info{};
    info.width = 7;
    EXPECT_EQ(residua_inspect(context_.get(), file_.data(), file_.size(), &info), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(info.width, 7u) << "nothing is written where nobody knows what there is";
    residua_image decoded{};
    EXPECT_EQ(residua_decode(context_.get(), file_.data(), file_.size(), &decoded), RESIDUA_INVALID_ARGUMENT);
    residua_image_free(&decoded);
}

TEST_F(Interface, TakesLaterStructuresWhoseNewFieldsAreZero) {
    Later<residua_image> image;
    static_cast<residua_image&>(image) = picture_.image();
    image.struct_size = sizeof image;
    EXPECT_EQ(encode(image), RESIDUA_OK);
    image.added = 1;
    EXPECT_EQ(encode(image), RESIDUA_UNSUPPORTED);
    EXPECT_NE(last_error().find("residua_image"), std::string::npos) << last_error();

    Later<residua_info> info;
    info.struct_size = sizeof info;
    EXPECT_EQ(residua_inspect(context_.get(), file_.data(), file_.size(), &info), RESIDUA_OK);
    EXPECT_EQ(info.width, 40u);
    EXPECT_EQ(info.struct_size, sizeof info);
    EXPECT_EQ(info.added, 0u);
}

TEST_F(Interface, RefusesReservedFields) {
    residua_image image = picture_.image();
    image.reserved = 1;
    EXPECT_EQ(encode(image), RESIDUA_INVALID_ARGUMENT);
    options_.reserved = 1;
    EXPECT_EQ(encode(picture_.image()), RESIDUA_INVALID_ARGUMENT);
}

TEST_F(Interface, TellsUnsupportedPicturesFromImpossibleOnes) {
    const auto with = [&](auto change) {
        residua_image image = picture_.image();
        change(image);
        return encode(image);
    };
    EXPECT_EQ(with([](auto& image) { image.bits = 8; }), RESIDUA_OK);
    // Samples that such pictures cannot have.
    for (const uint32_t bits : {1u, 7u})
        EXPECT_EQ(with([=](auto& image) { image.bits = bits; }), RESIDUA_INVALID_ARGUMENT) << bits;
    options_.model = "test";  // of a codec of the papers
    for (const uint32_t bits : {1u, 7u, 9u, 16u})
        EXPECT_EQ(with([=](auto& image) { image.bits = bits; }), RESIDUA_UNSUPPORTED) << bits;
    EXPECT_EQ(with([](auto& image) { image.bits = 17; }), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(with([](auto& image) { image.colour = 0; }), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(with([](auto& image) { image.colour = RESIDUA_COLOUR_CMYK; }), RESIDUA_UNSUPPORTED);
    EXPECT_EQ(with([](auto& image) { image.colour = 77; }), RESIDUA_UNSUPPORTED);
    EXPECT_EQ(with([](auto& image) { image.alpha = 1; }), RESIDUA_UNSUPPORTED);
    EXPECT_EQ(with([](auto& image) { image.alpha = 2; }), RESIDUA_UNSUPPORTED);
    EXPECT_EQ(with([](auto& image) { image.width = uint32_t{1} << 31; }), RESIDUA_UNSUPPORTED);
    EXPECT_EQ(residua_channels(RESIDUA_COLOUR_GREY, 0), 1u);
    EXPECT_EQ(residua_channels(RESIDUA_COLOUR_RGB, 1), 4u);
    EXPECT_EQ(residua_channels(RESIDUA_COLOUR_CMYK, 1), 5u);
    EXPECT_EQ(residua_channels(0, 1), 0u);
}

TEST_F(Interface, RefusesMetadataWithoutNameOrBytes) {
    const auto with = [&](std::vector<residua_metadata> entries) {
        residua_image image = picture_.image();
        image.metadata = entries.data();
        image.metadata_count = entries.size();
        return encode(image);
    };
    EXPECT_EQ(with({{"xmp", "a", 1}, {"icc", "b", 1}, {"exif", "c", 1}}), RESIDUA_OK);
    EXPECT_EQ(with({{"two words", "a", 1}}), RESIDUA_INVALID_ARGUMENT);
    EXPECT_NE(last_error().find("printable"), std::string::npos) << last_error();
    EXPECT_EQ(with({{"", "a", 1}}), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(with({{std::string(256, 'n').c_str(), "a", 1}}), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(with({{"icc", nullptr, 1}}), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(with({{nullptr, "a", 1}}), RESIDUA_INVALID_ARGUMENT);
}

TEST_F(Interface, DecodesIntoTheCallersMemory) {
    for (const uint32_t strip_height : {0u, 16u})
        for (const size_t gap : {0u, 5u}) {
            options_.strip_height = strip_height;
            const residua::buffer file = context_.encode(picture_.image(), options_);
            const size_t row = 40 * 3, stride = row + gap;
            std::vector<uint8_t> memory(48 * stride, 0xa5);
            residua_image target = picture_.image();
            target.pixels = memory.data();
            target.stride = stride;
            context_.decode_into(file.data(), file.size(), target);
            for (size_t y = 0; y < 48; ++y) {
                const uint8_t* got = memory.data() + y * stride;
                ASSERT_EQ(std::memcmp(got, picture_.pixels.data() + y * row, row), 0) << y;
                for (size_t i = row; i < stride; ++i) ASSERT_EQ(got[i], 0xa5);
            }
        }
}

TEST_F(Interface, WritesNothingWhereTheMemoryDoesNotFit) {
    const auto with = [&](auto change) {
        std::vector<uint8_t> memory(50 * 50 * 3, 0xa5);
        residua_image target = picture_.image();
        target.pixels = memory.data();
        change(target);
        const residua_status status =
            residua_decode_into(context_.get(), file_.data(), file_.size(), &target);
        EXPECT_EQ(std::count(memory.begin(), memory.end(), 0xa5), static_cast<ptrdiff_t>(memory.size()));
        return status;
    };
    EXPECT_EQ(with([](auto& image) { image.width = 41; }), RESIDUA_INVALID_ARGUMENT);
    EXPECT_NE(last_error().find("41 x 48"), std::string::npos) << last_error();
    EXPECT_EQ(with([](auto& image) { image.height = 47; }), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(with([](auto& image) { image.colour = RESIDUA_COLOUR_GREY; }), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(with([](auto& image) { image.stride = 119; }), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(with([](auto& image) { image.pixels = nullptr; }), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(residua_decode_into(context_.get(), file_.data(), file_.size(), nullptr),
              RESIDUA_INVALID_ARGUMENT);
    residua_image target = picture_.image();
    EXPECT_EQ(residua_decode_into(context_.get(), file_.data(), file_.size() / 2, &target),
              RESIDUA_TRUNCATED);
}

TEST_F(Interface, GivesAHeadWithoutPixels) {
    residua_image image = picture_.image();
    const residua_metadata metadata[] = {{"exif", "II*", 3}};
    image.metadata = metadata;
    image.metadata_count = 1;
    residua::context without_model;
    for (const uint32_t strip_height : {0u, 16u}) {
        options_.strip_height = strip_height;
        const residua::buffer file = context_.encode(image, options_);
        const residua::image head = without_model.decode_head(file.data(), file.size());
        EXPECT_EQ(head->pixels, nullptr);
        EXPECT_EQ(head->width, 40u);
        EXPECT_EQ(head->height, 48u);
        EXPECT_EQ(head->bits, 8u);
        EXPECT_EQ(head->colour, static_cast<uint32_t>(RESIDUA_COLOUR_RGB));
        EXPECT_EQ(head->alpha, 0u);
        EXPECT_EQ(residua::metadata(head.get(), "exif").size(), 3u);
        const residua_info info = without_model.inspect(file.data(), file.size());
        EXPECT_EQ(info.colour, head->colour);
        EXPECT_EQ(info.metadata_size, 3u);
        EXPECT_EQ(info.model_name, nullptr);
    }
}

TEST_F(Interface, ReadsAnEmptyFileAsNoBytes) {
    const TemporaryFolder folder;
    write_text(folder / "empty", "");
    residua_buffer bytes = {};
    ASSERT_EQ(residua_file_read(context_.get(), (folder / "empty").c_str(), &bytes), RESIDUA_OK);
    EXPECT_EQ(bytes.data, nullptr);
    EXPECT_EQ(bytes.size, 0u);
    residua_buffer_free(&bytes);
}

TEST_F(Interface, NamesTheTemporaryFile) {
    const TemporaryFolder folder;
    residua_file* file = nullptr;
    ASSERT_EQ(residua_file_create(context_.get(), (folder / "made").c_str(), 0, &file), RESIDUA_OK);
    ASSERT_EQ(folder.names().size(), 1u);
    EXPECT_EQ(residua_file_temporary(file), folder / folder.names()[0]);
    EXPECT_EQ(residua_file_commit(file), RESIDUA_OK);
    EXPECT_STREQ(residua_file_temporary(file), "");
    residua_file_close(file);
    EXPECT_EQ(folder.names(), std::vector<std::string>{"made"});
    ASSERT_EQ(residua_file_create(context_.get(), "/dev/null", 1, &file), RESIDUA_OK);
    EXPECT_STREQ(residua_file_temporary(file), "");
    residua_file_close(file);
    EXPECT_STREQ(residua_file_temporary(nullptr), "");
}

struct Threads {
    std::atomic<int> loops = 0;

    static void run(void* user, void (*task)(void* data, size_t index), void* data, size_t count) {
        ++static_cast<Threads*>(user)->loops;
        std::vector<std::thread> threads;
        for (size_t i = 0; i < count; ++i) threads.emplace_back(task, data, i);
        for (auto& thread : threads) thread.join();
    }
};

TEST(Runner, ChangesNoByte) {
    TestPicture picture = make_picture(1100, 40, 3);
    for (const char* model : {"test", "scales", "experts"}) {
        residua::research::encode_options options;
        options.model = model;
        options.effort = 1;
        residua::context one = context_of_every_codec();
        const residua::buffer expected = one.encode(picture.image(), options);
        Threads threads;
        residua_settings settings = on_threads(3);
        settings.run = Threads::run;
        settings.run_user = &threads;
        residua::context context = context_of_every_codec(settings);
        const residua::buffer file = context.encode(picture.image(), options);
        EXPECT_TRUE(std::ranges::equal(expected, file)) << model;
        EXPECT_GT(threads.loops, 0) << model;
        const residua::image decoded = context.decode(file.data(), file.size());
        EXPECT_TRUE(std::equal(picture.pixels.begin(), picture.pixels.end(), decoded.pixels())) << model;
    }
}

TEST_F(Interface, RefusesASourceOfImpossibleSize) {
    residua_byte_source source = RESIDUA_INIT(residua_byte_source);
    source.read = [](void*, void* data, size_t size) {
        std::memset(data, 0, size);
        return static_cast<int64_t>(size);
    };
    for (const uint64_t size : {UINT64_MAX, UINT64_MAX - 63, uint64_t{1} << 63}) {
        source.size = size;
        EXPECT_EQ(residua_decode_rows(context_.get(), &source, nullptr), RESIDUA_INVALID_ARGUMENT) << size;
    }
}

TEST_F(Interface, EmptiesWhatItCouldNotFill) {
    residua::image image = context_.decode(file_.data(), file_.size());
    residua_image copy = image.get();
    copy.owner = nullptr;
    EXPECT_EQ(residua_decode(context_.get(), "no file", 7, &copy), RESIDUA_CORRUPT);
    EXPECT_EQ(copy.pixels, nullptr);
    EXPECT_EQ(copy.width, 0u);
    residua_info info = context_.inspect(file_.data(), file_.size());
    EXPECT_EQ(residua_inspect(nullptr, file_.data(), file_.size(), &info), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(info.width, 0u);
}

}  // namespace
}  // namespace residua::testing
