// JPEG files through the C interface: their bytes again, their pixels, and what happens to files that are
// damaged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <residua/research.hpp>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "codec/dec_codec.h"
#include "container/container.h"
#include "stages/methods.h"
#include "support/context.h"
#include "support/kept_files.h"
#include "support/test_picture.h"

namespace residua::testing {
namespace {

using ::testing::HasSubstr;

using test::JpegRecipe;
using test::JpegSpace;

Bytes joined(std::initializer_list<Bytes> parts) {
    Bytes all;
    for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}
Bytes bytes_of(const residua::buffer& buffer) { return {buffer.begin(), buffer.end()}; }

Bytes keep(residua::context& context, const Bytes& bytes, int effort = 0) {
    residua_encode_options options = RESIDUA_INIT(residua_encode_options);
    options.effort = effort;
    return bytes_of(context.jpeg_encode(bytes.data(), bytes.size(), options));
}
Bytes restore(residua::context& context, const Bytes& file) {
    return bytes_of(context.jpeg_decode(file.data(), file.size()));
}
residua::context one_thread() { return residua::context(on_threads(1)); }

std::vector<KeptFile> small_files() {
    std::vector<KeptFile> files = kept_files();
    files.push_back({"empty", {}});
    files.push_back({"one byte", {0xff}});
    files.push_back({"start of a JPEG", {0xff, 0xd8, 0xff}});
    return files;
}

TEST(JpegFile, ComesBackByteForByte) {
    residua::context context = one_thread();
    for (const KeptFile& original : small_files())
        for (const int effort : {1, 0, 9}) {
            const Bytes file = keep(context, original.bytes, effort);
            EXPECT_LE(file.size(), original.bytes.size() + 64) << original.name;
            EXPECT_EQ(restore(context, file), original.bytes) << original.name << effort;
            EXPECT_EQ(residua_verify(context.get(), file.data(), file.size()), RESIDUA_OK) << original.name;
        }
}

// A table that has a symbol twice, of which the scan uses the second one: no writer would, and what was hoped of the
// file fails its proof.
TEST(JpegFile, CodesThatNoWriterUsesComeBack) {
    residua::context context = one_thread();
    const Bytes photo = test::make_jpeg({.width = 125, .height = 95}, 3);
    static constexpr uint8_t kTable[] = {0xFF, 0xC4};
    size_t stored = 0;
    for (size_t i = 0; i < 8; ++i) {
        Bytes file = photo;
        const auto table = std::search(file.begin(), file.end(), std::begin(kTable), std::end(kTable));
        ASSERT_LT(40, file.end() - table);
        const auto symbols = table + 4 + 1 + 16;
        symbols[static_cast<ptrdiff_t>(i) + 1] = symbols[static_cast<ptrdiff_t>(i)];
        const Bytes kept = keep(context, file, 1);
        EXPECT_EQ(restore(context, kept), file) << i;
        stored += kept.size() > file.size() * 9 / 10;
    }
    EXPECT_GT(stored, 0u);
}

TEST(JpegFile, IsTheSameForAnyNumberOfThreads) {
    residua::context one = one_thread(), three(on_threads(3));
    const Bytes jpeg = test::make_jpeg({.width = 700, .height = 500, .sampling = {{2, 2}}}, 3);
    for (const int effort : {1, 5, 9}) {
        const Bytes file = keep(one, jpeg, effort);
        EXPECT_LT(file.size(), jpeg.size());
        EXPECT_EQ(keep(three, jpeg, effort), file);
        EXPECT_EQ(restore(three, file), jpeg);
    }
}

TEST(JpegFile, NoiseGrowsByLittleAndTextShrinks) {
    residua::context context = one_thread();
    std::mt19937 random(5);
    for (const size_t size : {1, 2, 63, 64, 65, 1000, 70000}) {
        Bytes noise(size);
        for (uint8_t& byte : noise) byte = static_cast<uint8_t>(random());
        const Bytes file = keep(context, noise);
        EXPECT_LE(file.size(), size + 64);
        EXPECT_EQ(restore(context, file), noise);
    }
    std::string words;
    for (int i = 0; i < 500; ++i) words += "line " + std::to_string(i) + " of a file that is no picture\n";
    const Bytes text(words.begin(), words.end()), file = keep(context, text);
    EXPECT_LT(file.size(), text.size() / 4);
    EXPECT_EQ(restore(context, file), text);
}

TEST(JpegFile, IsKnownByItsFirstBytes) {
    residua::context context = context_of_every_codec();
    TestPicture picture = make_picture(20, 40, 3);
    residua_encode_options options = RESIDUA_INIT(residua_encode_options);
    options.model = "experts";
    const Bytes of_pixels = bytes_of(context.encode(picture.image(), options));
    options.strip_height = 16;
    const Bytes of_strips = bytes_of(context.encode(picture.image(), options));
    const auto is_kept = [](const Bytes& file, size_t count) {
        const Bytes first(file.begin(), file.begin() + static_cast<ptrdiff_t>(count));
        return residua_jpeg_is_kept(first.data(), first.size()) == 1;
    };
    for (const KeptFile& original : small_files()) {
        const Bytes file = keep(context, original.bytes);
        const size_t enough = std::min<size_t>(64, file.size());
        EXPECT_TRUE(is_kept(file, enough) && is_kept(file, file.size())) << original.name;
        for (size_t count = 0; count < enough; ++count)  // fewer bytes say less, and never something else
            EXPECT_TRUE(!is_kept(file, count) || is_kept(file, count + 1)) << original.name << count;
        EXPECT_FALSE(is_kept(file, 0) || is_kept(file, 4));
        EXPECT_FALSE(is_kept(original.bytes, original.bytes.size()));
    }
    for (const Bytes* file : {&of_pixels, &of_strips})
        for (size_t count = 0; count <= file->size(); ++count) ASSERT_FALSE(is_kept(*file, count)) << count;
    EXPECT_EQ(residua_jpeg_is_kept(nullptr, 0), 0);
    EXPECT_EQ(residua_jpeg_is_kept(nullptr, 64), 0);
}

// All functions for pictures take such a file as any, and give what libjpeg's decoder gives.
TEST(JpegFile, HasThePixelsOfLibjpeg) {
    residua::context context = one_thread();
    const JpegRecipe kinds[] = {
        {.width = 61, .height = 47, .sampling = {{2, 2}}},
        {.width = 61, .height = 47, .sampling = {{2, 1}}, .restart_rows = 1},
        {.width = 47, .height = 61, .quality = 95, .progressive = true},
        {.width = 33, .height = 9, .space = JpegSpace::kRgb},
        {.width = 50, .height = 20, .space = JpegSpace::kGrey},
        {.width = 61, .height = 47, .sampling = {{2, 2}}, .arithmetic = true},
        {.width = 47, .height = 61, .quality = 95, .progressive = true, .arithmetic = true},
    };
    for (const JpegRecipe& kind : kinds) {
        const Bytes jpeg = test::make_jpeg(kind, 7), file = keep(context, jpeg);
        const test::JpegPixels expected = test::decode_jpeg(jpeg);
        const residua::image image = context.decode(file.data(), file.size());
        EXPECT_EQ(image->width, static_cast<uint32_t>(kind.width));
        EXPECT_EQ(image->height, static_cast<uint32_t>(kind.height));
        EXPECT_EQ(image->bits, 8u);
        EXPECT_EQ(image->metadata_count, 0u);
        EXPECT_EQ(residua_channels(image->colour, image->alpha), static_cast<uint32_t>(expected.channels));
        EXPECT_TRUE(std::ranges::equal(expected.samples, std::span(image.pixels(), expected.samples.size())));

        Bytes rows;
        size_t position = 0;
        context.decode_rows(
            [&](void* data, size_t size) {
                const size_t count = std::min(size, file.size() - position);
                std::copy_n(file.begin() + static_cast<ptrdiff_t>(position), count,
                            static_cast<uint8_t*>(data));
                position += count;
                return count;
            },
            file.size(), [&](const residua_image& head) { EXPECT_EQ(head.width, image->width); },
            [&](uint32_t, uint32_t count, const void* pixels) {
                const auto* first = static_cast<const uint8_t*>(pixels);
                rows.insert(rows.end(), first, first + count * image->width * size_t(expected.channels));
            });
        EXPECT_EQ(rows, expected.samples);

        const residua::image preview = context.preview(file.data(), file.size());
        EXPECT_EQ(preview->width, (image->width + 7) / 8);
        EXPECT_EQ(preview->height, (image->height + 7) / 8);
        if (!kind.sampling.empty()) continue;  // libjpeg takes more than the DC of small chroma
        const test::JpegPixels small = test::decode_jpeg(jpeg, 8);
        EXPECT_TRUE(std::ranges::equal(small.samples, std::span(preview.pixels(), small.samples.size())));
    }
}

Bytes named(const std::string& name, const Bytes& data) {
    Bytes bytes(name.begin(), name.end());
    bytes.push_back(0);
    bytes.insert(bytes.end(), data.begin(), data.end());
    return bytes;
}

// The picture comes with what the JPEG says of it: as a whole, by rows, its head and its preview.
TEST(JpegFile, GivesTheMetadataOfItsPicture) {
    residua::context context = one_thread();
    const Bytes exif = {'I', 'I', 42, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0}, xmp = {'<', 'x', '>'}, first(300, 1),
                second(40, 2);
    Bytes jpeg = test::make_jpeg({.width = 20, .height = 30}, 1);
    const auto add = [&](uint8_t marker, const Bytes& data) { jpeg = with_segment(jpeg, marker, data); };
    // In the file in the other order: each is put to the beginning.
    add(0xe2, named("ICC_PROFILE", joined({{2, 2}, second})));
    add(0xe1, named("http://ns.adobe.com/xap/1.0/", xmp));
    add(0xe2, named("ICC_PROFILE", joined({{1, 2}, first})));
    add(0xfe, {'n', 'o', 'n', 'e'});
    add(0xe1, named("Exif", joined({{0}, exif})));
    const Bytes file = keep(context, jpeg), icc = joined({first, second});
    const auto expect = [&](const residua_image& image) {
        EXPECT_EQ(image.metadata_count, 3u);
        EXPECT_TRUE(std::ranges::equal(residua::metadata(image, "icc"), icc));
        EXPECT_TRUE(std::ranges::equal(residua::metadata(image, "exif"), exif));
        EXPECT_TRUE(std::ranges::equal(residua::metadata(image, "xmp"), xmp));
    };
    expect(context.decode(file.data(), file.size()).get());
    expect(context.decode_head(file.data(), file.size()).get());
    expect(context.preview(file.data(), file.size()).get());
    bool given = false;
    size_t at = 0;
    context.decode_rows(
        [&](void* data, size_t size) {
            const size_t count = std::min(size, file.size() - at);
            std::copy_n(file.begin() + static_cast<ptrdiff_t>(at), count, static_cast<uint8_t*>(data));
            at += count;
            return count;
        },
        0, [&](const residua_image& head) { expect(head), given = true; },
        [](uint32_t, uint32_t, const void*) {});
    EXPECT_TRUE(given);
    EXPECT_EQ(restore(context, file), jpeg);
}

TEST(JpegFile, SaysWhatItIs) {
    residua::context context = one_thread();
    for (const KeptFile& original : kept_files()) {
        const Bytes file = keep(context, original.bytes);
        const residua_info info = context.inspect(file.data(), file.size());
        const residua_research_info parts = residua::research::inspect(context, file.data(), file.size());
        EXPECT_STREQ(info.codec, "jpeg");
        EXPECT_EQ(info.model_name, nullptr);
        EXPECT_EQ(info.file_size, file.size());
        EXPECT_EQ(info.strip_count, 1u);
        EXPECT_EQ(info.metadata_size, 0u);
        EXPECT_EQ(info.width, original.width) << original.name;
        EXPECT_EQ(info.height, original.height) << original.name;
        EXPECT_EQ(parts.latent_count, 1u);
        EXPECT_EQ(parts.latent_size[0] + parts.residual_size + parts.overhead_size, file.size());
        EXPECT_EQ(parts.residual_size > 0, original.width > 0) << original.name;
        EXPECT_EQ(parts.bpsp > 0, original.width > 0) << original.name;
        EXPECT_EQ(parts.lossy_size, 0u);
    }
}

TEST(JpegFile, WithoutPixelsSaysSo) {
    residua::context context = one_thread();
    const Bytes file = keep(context, Bytes(300, 'x'));
    residua_image image = RESIDUA_INIT(residua_image);
    EXPECT_EQ(residua_decode(context.get(), file.data(), file.size(), &image), RESIDUA_UNSUPPORTED);
    EXPECT_THAT(residua_last_error(context.get()), HasSubstr("restore"));
    EXPECT_EQ(residua_preview(context.get(), file.data(), file.size(), &image), RESIDUA_UNSUPPORTED);
    EXPECT_EQ(residua_decode_head(context.get(), file.data(), file.size(), &image), RESIDUA_UNSUPPORTED);
    const residua_info info = context.inspect(file.data(), file.size());
    EXPECT_EQ(info.width + info.height + info.bits + info.colour + info.alpha, 0u);
}

TEST(JpegFile, IsRefusedWhatItCannotDo) {
    residua::context context = context_of_every_codec();
    const Bytes jpeg = test::make_jpeg({.width = 20, .height = 20}, 1), file = keep(context, jpeg);
    const auto encoded = [&](const residua_encode_options& options) {
        return status_of([&] { context.jpeg_encode(jpeg.data(), jpeg.size(), options); });
    };
    const residua_research_options research = RESIDUA_INIT(residua_research_options);
    residua_encode_options codec = RESIDUA_INIT(residua_encode_options), model = codec, strips = codec,
                           effort = codec, researcher = codec;
    EXPECT_EQ(encoded(codec), RESIDUA_OK);
    codec.codec = "jpeg";
    model.model = "experts";
    strips.strip_height = 16;
    effort.effort = 10;
    researcher.research = &research;
    for (const residua_encode_options& options : {codec, model, strips, effort, researcher})
        EXPECT_EQ(encoded(options), RESIDUA_INVALID_ARGUMENT);
    // The codec of bytes takes no pixels.
    TestPicture picture = make_picture(20, 20, 3);
    EXPECT_EQ(status_of([&] { context.encode(picture.image(), codec); }), RESIDUA_INVALID_ARGUMENT);

    const residua_metadata comment = {"jpeg:COM", "words", 5};
    EXPECT_EQ(status_of([&] { context.replace_metadata(file.data(), file.size(), std::span(&comment, 1)); }),
              RESIDUA_UNSUPPORTED);
    EXPECT_THAT(residua_last_error(context.get()), HasSubstr("metadata"));

    codec.codec = nullptr;
    codec.model = "experts";
    for (const uint32_t strip_height : {0, 16}) {
        codec.strip_height = strip_height;
        const residua::buffer of_pixels = context.encode(picture.image(), codec);
        EXPECT_EQ(status_of([&] { context.jpeg_decode(of_pixels.data(), of_pixels.size()); }),
                  RESIDUA_UNSUPPORTED);
    }
    EXPECT_EQ(status_of([&] { restore(context, jpeg); }), RESIDUA_CORRUPT);
    residua_buffer out = {};
    EXPECT_EQ(residua_jpeg_decode(context.get(), nullptr, 0, &out), RESIDUA_CORRUPT);
    EXPECT_EQ(residua_jpeg_decode(context.get(), file.data(), file.size(), nullptr),
              RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(residua_jpeg_encode(context.get(), nullptr, 1, nullptr, &out), RESIDUA_INVALID_ARGUMENT);
    EXPECT_EQ(residua_jpeg_encode(context.get(), jpeg.data(), jpeg.size(), nullptr, &out), RESIDUA_OK);
    residua_buffer_free(&out);
}

// Files that are damaged end in an error, or in the same bytes; and so do their pixels.
class DamagedJpegFile : public ::testing::TestWithParam<KeptFile> {
  protected:
    // True where neither the bytes nor the pixels came back.
    bool refused(const Bytes& damaged) {
        residua_buffer result = {};
        const residua_status status =
            residua_jpeg_decode(context_.get(), damaged.data(), damaged.size(), &result);
        EXPECT_NE(status, RESIDUA_INTERNAL) << residua_last_error(context_.get());
        if (status == RESIDUA_OK) {
            EXPECT_TRUE(std::ranges::equal(original_, std::span(result.data, result.size)));
            residua_buffer_free(&result);
        } else {
            EXPECT_STRNE(residua_last_error(context_.get()), "");
            EXPECT_EQ(result.data, nullptr);
        }
        return !has_pixels(damaged) && status != RESIDUA_OK;
    }
    // Fails the test where they are wrong.
    bool has_pixels(const Bytes& damaged) {
        residua_image image = RESIDUA_INIT(residua_image);
        const residua_status status = residua_decode(context_.get(), damaged.data(), damaged.size(), &image);
        EXPECT_NE(status, RESIDUA_INTERNAL) << residua_last_error(context_.get());
        if (status != RESIDUA_OK) return false;
        EXPECT_TRUE(std::ranges::equal(pixels_,
                                       std::span(static_cast<const uint8_t*>(image.pixels), pixels_.size())));
        residua_image_free(&image);
        return true;
    }

    residua::context context_ = one_thread();
    const Bytes original_ = GetParam().bytes;
    const Bytes file_ = keep(context_, original_, 1);
    const Bytes pixels_ = [&] {
        if (GetParam().width == 0) return Bytes();
        const residua::image image = context_.decode(file_.data(), file_.size());
        const size_t size =
            size_t{image->width} * image->height * residua_channels(image->colour, image->alpha);
        return Bytes(image.pixels(), image.pixels() + size);
    }();
};
INSTANTIATE_TEST_SUITE_P(Files, DamagedJpegFile, ::testing::ValuesIn(tiny_kept_files()),
                         [](const auto& info) { return info.param.name; });

TEST_P(DamagedJpegFile, EveryFlippedByteIsRefused) {
    EXPECT_FALSE(refused(file_));
    for (size_t i = 0; i < file_.size(); ++i)
        for (const uint8_t mask : {0xff, 0x01}) {
            Bytes damaged = file_;
            damaged[i] ^= mask;
            ASSERT_TRUE(refused(damaged)) << "byte " << i;
        }
}

TEST_P(DamagedJpegFile, EveryCutIsRefused) {
    for (size_t size = 0; size < file_.size(); ++size)
        ASSERT_TRUE(refused({file_.begin(), file_.begin() + static_cast<ptrdiff_t>(size)})) << size;
    Bytes longer = file_;
    longer.push_back(0);
    EXPECT_TRUE(refused(longer));
}

// What a stranger may write: the container's checksums are right, what they are of is not.
TEST_P(DamagedJpegFile, DamageBehindGoodChecksumsGivesNoOtherBytes) {
    const container::File file = codec::parse_file(file_);
    Allocator allocator;
    const auto written = [&](const container::File& changed) {
        const Buffer<uint8_t> bytes = container::write(changed, allocator);
        return Bytes(bytes.data(), bytes.data() + bytes.size());
    };
    ASSERT_EQ(written(file), file_);
    int refusals = 0, trials = 0;
    // Some bytes of a part changed, and it cut: all of a short one, a sample of a long one.
    const auto damage = [&](std::span<const uint8_t> part, const auto& put) {
        const size_t step = 1 + part.size() / 40;
        Bytes bytes(part.begin(), part.end());
        const auto try_with = [&](std::span<const uint8_t> given) {
            container::File changed = file;
            put(changed, given);
            refusals += refused(written(changed));
            ++trials;
        };
        for (size_t i = 0; i < bytes.size(); i += step) {
            const uint8_t mask = i / step % 2 ? 0xff : 0x01;
            bytes[i] ^= mask;
            try_with(bytes);
            bytes[i] ^= mask;
            try_with(std::span(bytes).first(i));
        }
    };
    damage(file.payload, [](container::File& to, auto bytes) { to.payload = bytes; });
    for (size_t stage = 0; stage < file.streams.size(); ++stage)
        for (size_t i = 0; i < file.streams[stage].size(); ++i)
            damage(file.streams[stage][i],
                   [&](container::File& to, auto bytes) { to.streams[stage][i] = bytes; });
    EXPECT_GT(trials, 20);
    EXPECT_GT(refusals, trials / 2);
}

TEST(JpegFileLimits, KeepsTheMemoryLimit) {
    const Bytes jpeg = test::make_jpeg({.width = 300, .height = 200, .sampling = {{2, 2}}}, 3);
    residua::context unlimited = one_thread();
    const Bytes file = keep(unlimited, jpeg);
    const uint64_t encode_peak = unlimited.peak_memory();
    residua::context decoder = one_thread();
    restore(decoder, file);
    const uint64_t decode_peak = decoder.peak_memory();
    EXPECT_GT(decode_peak, jpeg.size());
    residua_settings settings = on_threads(1);
    const auto limited = [&](uint64_t limit, const auto& action) {
        settings.memory_limit = limit;
        residua::context context(settings);
        const residua_status status = status_of([&] { action(context); });
        EXPECT_LE(context.peak_memory(), limit);
        return status;
    };
    const auto encode = [&](residua::context& context) { keep(context, jpeg); };
    const auto decode = [&](residua::context& context) { restore(context, file); };
    EXPECT_EQ(limited(encode_peak, encode), RESIDUA_OK);
    EXPECT_EQ(limited(decode_peak, decode), RESIDUA_OK);
    for (const uint64_t divisor : {1, 2, 10, 100}) {
        EXPECT_EQ(limited(encode_peak / divisor - 1, encode), RESIDUA_MEMORY_LIMIT) << divisor;
        EXPECT_EQ(limited(decode_peak / divisor - 1, decode), RESIDUA_MEMORY_LIMIT) << divisor;
    }
}

struct CountingHeap {
    std::set<void*> blocks;
    int allocations = 0, fail_at = -1;

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
    // Keeps and restores a file; gives every block back.
    residua_status run(const Bytes& jpeg) {
        residua_settings settings = on_threads(1);
        settings.allocate = allocate;
        settings.free = release;
        settings.memory_user = this;
        const residua_status status = status_of([&] {
            residua::context context(settings);
            const Bytes file = keep(context, jpeg);
            context.decode(file.data(), file.size());
            restore(context, file);
        });
        EXPECT_TRUE(blocks.empty());
        return status;
    }
};

TEST(JpegFileLimits, EveryFailedAllocationIsReported) {
    const Bytes jpeg = test::make_jpeg({.width = 40, .height = 40}, 3);
    CountingHeap counting;
    EXPECT_EQ(counting.run(jpeg), RESIDUA_OK);
    EXPECT_GT(counting.allocations, 10);
    for (int fail_at = 0; fail_at < counting.allocations; ++fail_at) {
        CountingHeap heap;
        heap.fail_at = fail_at;
        ASSERT_EQ(heap.run(jpeg), RESIDUA_OUT_OF_MEMORY) << fail_at;
    }
}

TEST(JpegFileLimits, ReportsProgressAndCancels) {
    const Bytes jpeg = test::make_jpeg({.width = 64, .height = 200}, 3);
    Progress encoding, decoding;
    const auto complete = [](const std::vector<double>& seen) {
        EXPECT_GT(seen.size(), 2u);
        EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
        EXPECT_GE(seen.front(), 0);
        EXPECT_EQ(seen.back(), 1);
    };
    residua::context encoder(encoding.settings()), decoder(decoding.settings());
    const Bytes file = keep(encoder, jpeg);
    complete(encoding.seen);
    restore(decoder, file);
    complete(decoding.seen);
    for (const double at : {0.0, 0.4, 1.0}) {
        Progress progress;
        progress.cancel_at = at;
        residua::context context(progress.settings());
        EXPECT_EQ(status_of([&] { keep(context, jpeg); }), RESIDUA_CANCELLED) << at;
        EXPECT_EQ(status_of([&] { restore(context, file); }), RESIDUA_CANCELLED) << at;
    }
}

}  // namespace
}  // namespace residua::testing
