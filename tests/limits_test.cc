// The caller's settings: memory limit, allocator, progress and cancelling, choice of model, bad arguments.
#include <gtest/gtest.h>

#include <cstdlib>
#include <residua/research.hpp>
#include <set>

#include "support/context.h"
#include "support/test_picture.h"

namespace residua::testing {
namespace {

residua::research::encode_options fast_options(const char* model = "test") {
    residua::research::encode_options options;
    options.model = model;
    options.effort = 1;
    return options;
}

// The models of context_of_every_codec, one of each codec.
class EveryCodec : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Models, EveryCodec, ::testing::Values("test", "scales", "experts"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(EveryCodec, KeepsTheMemoryLimitWhileEncodingAndDecoding) {
    TestPicture picture = make_picture(200, 150, 3);
    residua::context unlimited = context_of_every_codec();
    const residua::buffer file = unlimited.encode(picture.image(), fast_options(GetParam()));
    const uint64_t encode_peak = unlimited.peak_memory();
    residua::context decoder = context_of_every_codec();
    decoder.verify(file.data(), file.size());
    const uint64_t decode_peak = decoder.peak_memory();

    residua_settings settings = RESIDUA_INIT(residua_settings);
    settings.memory_limit = encode_peak;
    EXPECT_EQ(status_of([&] {
                  context_of_every_codec(settings).encode(picture.image(), fast_options(GetParam()));
              }),
              RESIDUA_OK);
    settings.memory_limit = encode_peak - 1;
    EXPECT_EQ(status_of([&] {
                  context_of_every_codec(settings).encode(picture.image(), fast_options(GetParam()));
              }),
              RESIDUA_MEMORY_LIMIT);
    settings.memory_limit = decode_peak;
    EXPECT_EQ(status_of([&] { context_of_every_codec(settings).verify(file.data(), file.size()); }),
              RESIDUA_OK);
    for (uint64_t limit : {decode_peak - 1, decode_peak / 2, uint64_t{1}}) {
        settings.memory_limit = limit;
        residua::context limited = context_of_every_codec(settings);
        EXPECT_EQ(status_of([&] { limited.verify(file.data(), file.size()); }), RESIDUA_MEMORY_LIMIT);
        EXPECT_LE(limited.peak_memory(), limit);
    }
}

TEST(MemoryLimit, StopsAHugePictureBeforeItIsAllocated) {
    uint8_t pixel = 0;
    residua_image image = RESIDUA_INIT(residua_image);
    image.pixels = &pixel;  // never read: the limit comes first
    image.width = image.height = 60000;
    image.colour = RESIDUA_COLOUR_RGB;
    residua_settings settings = RESIDUA_INIT(residua_settings);
    settings.memory_limit = uint64_t{100} << 20;
    residua::context context = context_of_every_codec(settings);
    std::vector<uint8_t> out(1);
    EXPECT_EQ(residua_lossy_layer(context.get(), &image, 12, 10, 1, out.data(), nullptr),
              RESIDUA_MEMORY_LIMIT);
}

// A file that is over a limit is refused by all that decodes, and no bit of it is decoded: there is no
// progress.
TEST_P(EveryCodec, RefusesWhatIsLargerThanAllowedBeforeItWorks) {
    constexpr uint32_t kWidth = 40, kHeight = 48;
    TestPicture picture = make_picture(kWidth, kHeight, 3);
    const std::vector<uint8_t> exif(100, 7);
    const residua_metadata entries[] = {{"exif", exif.data(), exif.size()}, {"a:b", exif.data(), 11}};
    residua_image image = picture.image();
    image.metadata = entries;
    image.metadata_count = 2;
    residua::research::encode_options options = fast_options(GetParam());
    for (const uint32_t strip_height : {0u, 16u}) {
        options.strip_height = strip_height;
        const residua::buffer file = context_of_every_codec().encode(image, options);
        Progress progress;
        residua::context context = context_of_every_codec(progress.settings());
        const auto statuses = [&](uint64_t pixels, uint64_t metadata, uint64_t strips) {
            residua_limits limits = RESIDUA_INIT(residua_limits);
            limits.pixels = pixels;
            limits.metadata = metadata;
            limits.strips = strips;
            context.set_limits(limits);
            progress.seen.clear();
            std::set<residua_status> seen;
            seen.insert(status_of([&] { context.verify(file.data(), file.size()); }));
            seen.insert(status_of([&] { context.decode(file.data(), file.size()); }));
            seen.insert(status_of([&] { context.decode_region(file.data(), file.size(), 0, 0, 1, 1); }));
            seen.insert(status_of([&] { context.decode_head(file.data(), file.size()); }));
            EXPECT_EQ(status_of([&] { context.inspect(file.data(), file.size()); }), RESIDUA_OK);
            return seen;
        };
        const std::set<residua_status> good = {RESIDUA_OK}, refused = {RESIDUA_MEMORY_LIMIT};
        const uint64_t strips = strip_height > 0 ? 3 : 1;
        EXPECT_EQ(statuses(0, 0, 0), good);
        EXPECT_EQ(statuses(kWidth * kHeight, 111, strips), good);
        EXPECT_FALSE(progress.seen.empty());
        EXPECT_EQ(statuses(kWidth * kHeight - 1, 111, strips), refused);
        EXPECT_EQ(statuses(kWidth * kHeight, 110, strips), refused);
        if (strips > 1) {
            EXPECT_EQ(statuses(0, 0, strips - 1), refused);
        }
        EXPECT_TRUE(progress.seen.empty()) << "work was done";
        EXPECT_EQ(residua_set_limits(context.get(), nullptr), RESIDUA_OK);
        EXPECT_EQ(status_of([&] { context.verify(file.data(), file.size()); }), RESIDUA_OK);
    }
    EXPECT_EQ(residua_set_limits(nullptr, nullptr), RESIDUA_INVALID_ARGUMENT);
}

struct CountingHeap {
    std::set<void*> blocks;
    int allocations = 0;
    int fail_at = -1;

    static void* allocate(void* user, size_t bytes, size_t alignment) {
        auto& heap = *static_cast<CountingHeap*>(user);
        if (heap.allocations++ == heap.fail_at) return nullptr;
        void* block = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
        heap.blocks.insert(block);
        return block;
    }
    static void release(void* user, void* block) {
        EXPECT_EQ(static_cast<CountingHeap*>(user)->blocks.erase(block), 1u);
        std::free(block);
    }
    residua_settings settings() {
        residua_settings settings = RESIDUA_INIT(residua_settings);
        settings.allocate = allocate;
        settings.free = release;
        settings.memory_user = this;
        return settings;
    }
};

TEST_P(EveryCodec, GivesEveryBlockBackAndReportsEveryFailedAllocation) {
    TestPicture picture = make_picture(40, 40, 3);
    int total = 0;
    {
        CountingHeap heap;
        residua::context context = context_of_every_codec(heap.settings());
        {
            const residua::buffer file = context.encode(picture.image(), fast_options(GetParam()));
            context.decode(file.data(), file.size());
        }
        EXPECT_TRUE(heap.blocks.empty());
        total = heap.allocations;
    }
    EXPECT_GT(total, 3);
    for (int fail_at = 0; fail_at < total; ++fail_at) {
        CountingHeap heap;
        heap.fail_at = fail_at;
        residua::context context = context_of_every_codec(heap.settings());
        EXPECT_EQ(status_of([&] {
                      const residua::buffer file = context.encode(picture.image(), fast_options(GetParam()));
                      context.decode(file.data(), file.size());
                  }),
                  RESIDUA_OUT_OF_MEMORY);
        EXPECT_TRUE(heap.blocks.empty());
    }
}

void expect_complete(const std::vector<double>& seen) {
    EXPECT_GT(seen.size(), 3u);
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
    EXPECT_GE(seen.front(), 0);
    EXPECT_EQ(seen.back(), 1);
}

TEST_P(EveryCodec, ReportsProgressUpToOneAndCancels) {
    TestPicture picture = make_picture(64, 200, 3);
    Progress encoding;
    const residua::buffer file =
        context_of_every_codec(encoding.settings()).encode(picture.image(), fast_options(GetParam()));
    expect_complete(encoding.seen);
    Progress decoding;
    context_of_every_codec(decoding.settings()).verify(file.data(), file.size());
    expect_complete(decoding.seen);

    for (double at : {0.0, 0.4, 0.9, 1.0}) {
        Progress progress;
        progress.cancel_at = at;
        residua::context context = context_of_every_codec(progress.settings());
        EXPECT_EQ(status_of([&] { context.encode(picture.image(), fast_options(GetParam())); }),
                  RESIDUA_CANCELLED)
            << at;
        EXPECT_EQ(status_of([&] { context.verify(file.data(), file.size()); }), RESIDUA_CANCELLED) << at;
    }
}

TEST(Models, AreChosenByNameAndHash) {
    residua::context context = context_of_every_codec();
    const auto other = make_test_model(2, "other");
    const residua_model_info info = context.add_model(other.data(), other.size());
    const size_t count = context.models().size();
    context.add_model(other.data(), other.size());
    EXPECT_EQ(context.models().size(), count);
    EXPECT_STREQ(info.name, "other");
    EXPECT_EQ(info.built_in, 0);

    TestPicture picture = make_picture(20, 20, 3);
    residua::research::encode_options options = fast_options();
    char hash[17];
    std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(info.hash));
    const std::string beginning = std::string(hash).substr(0, 8);
    for (const char* name : {"other", static_cast<const char*>(hash), beginning.c_str()}) {
        options.model = name;
        const residua::buffer file = context.encode(picture.image(), options);
        EXPECT_EQ(context.inspect(file.data(), file.size()).model_hash, info.hash);
    }
    options.model = "nothing";
    EXPECT_EQ(status_of([&] { context.encode(picture.image(), options); }), RESIDUA_MODEL_MISSING);
    const auto same_name = make_test_model(3, "other");
    context.add_model(same_name.data(), same_name.size());
    options.model = "other";
    EXPECT_EQ(status_of([&] { context.encode(picture.image(), options); }), RESIDUA_INVALID_ARGUMENT);
}

TEST(Models, AreChosenByCodec) {
    residua::context context = context_of_every_codec();
    TestPicture picture = make_picture(20, 20, 3);
    const auto codec_of = [&](const char* model, const char* codec) {
        residua::research::encode_options options = fast_options(model);
        options.codec = codec;
        const residua::buffer file = context.encode(picture.image(), options);
        return std::string(context.inspect(file.data(), file.size()).codec);
    };
    EXPECT_EQ(codec_of("test", nullptr), "rc");
    EXPECT_EQ(codec_of("scales", nullptr), "l3c");
    EXPECT_EQ(codec_of("scales", "l3c"), "l3c");
    EXPECT_EQ(codec_of(nullptr, "l3c"), "l3c");
    EXPECT_EQ(codec_of("experts", nullptr), "olm");
    for (const auto& wrong :
         {std::pair("test", "l3c"), std::pair("scales", "rc"), std::pair("scales", "olm")})
        EXPECT_EQ(status_of([&] { codec_of(wrong.first, wrong.second); }), RESIDUA_INVALID_ARGUMENT)
            << wrong.first << wrong.second;
}

TEST(Models, DamagedOnesAreRefused) {
    residua::context context = context_of_every_codec();
    const auto model = make_test_model(5, "damaged");
    for (size_t size : {size_t{0}, size_t{4}, model.size() / 2, model.size() - 1})
        EXPECT_NE(status_of([&] { context.add_model(model.data(), size); }), RESIDUA_OK) << size;
}

TEST(Arguments, AreChecked) {
    TestPicture picture = make_picture(8, 8, 3);
    residua::context context = context_of_every_codec();
    const auto with = [&](auto change) {
        residua::research::encode_options options = fast_options();
        residua_image image = picture.image();
        change(image, options);
        return status_of([&] { context.encode(image, options); });
    };
    EXPECT_EQ(with([](auto&, auto&) {}), RESIDUA_OK);
    EXPECT_EQ(with([](auto& image, auto&) { image.colour = RESIDUA_COLOUR_CMYK; }), RESIDUA_UNSUPPORTED);
    EXPECT_EQ(with([](auto& image, auto&) { image.width = 0; }), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(with([](auto& image, auto&) { image.height = 65536; }), RESIDUA_UNSUPPORTED);
    EXPECT_EQ(with([](auto& image, auto&) { image.stride = 23; }), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(with([](auto& image, auto&) { image.pixels = nullptr; }), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(with([](auto& image, auto&) { image.metadata_count = 1; }), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(with([](auto&, auto& options) { options.q = 52; }), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(with([](auto&, auto& options) { options.effort = 10; }), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(with([](auto&, auto& options) { options.effort = -1; }), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(with([](auto&, auto& options) { options.bit_depth = 9; }), RESIDUA_INVALID_ARGUMENT);
    const auto scales = [](auto&, auto& options) { options.model = "scales"; };
    EXPECT_EQ(with(scales), RESIDUA_OK);
    EXPECT_EQ(with([&](auto& image, auto& options) { scales(image, options), options.q = 12; }),
              RESIDUA_INVALID_ARGUMENT)
        << "L3C has no lossy layer";
    EXPECT_EQ(with([&](auto& image, auto& options) { scales(image, options), options.bit_depth = 8; }),
              RESIDUA_INVALID_ARGUMENT);
}

TEST(Arguments, OfSamplesAreChecked) {
    TestPicture picture = make_picture(9, 8, 3);
    residua::context context = context_of_every_codec();
    const auto with = [&](const char* model, auto change) {
        residua_sample_options options = RESIDUA_INIT(residua_sample_options);
        options.model = model;
        change(options);
        return status_of([&] { residua::research::sample(context, picture.image(), options); });
    };
    for (int kept = 0; kept <= 3; ++kept)
        EXPECT_EQ(with("scales", [&](auto& options) { options.kept = kept; }), RESIDUA_OK) << kept;
    for (int kept = 0; kept <= 1; ++kept)
        EXPECT_EQ(with("test", [&](auto& options) { options.kept = kept; }), RESIDUA_OK) << kept;
    for (int kept : {-1, 4})
        EXPECT_EQ(with("scales", [&](auto& options) { options.kept = kept; }), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(with("test", [](auto& options) { options.kept = 2; }), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(with("test", [](auto& options) { options.q = 52; }), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(with("scales", [](auto& options) { options.q = 12; }), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(with("nothing", [](auto&) {}), RESIDUA_MODEL_MISSING);
    EXPECT_EQ(residua_sample(context.get(), nullptr, nullptr, nullptr), RESIDUA_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace residua::testing
