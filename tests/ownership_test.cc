// What the library has returned may be freed on any thread at any time.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <residua/residua.hpp>
#include <set>
#include <thread>

#include "support/context.h"
#include "support/test_picture.h"

namespace residua::testing {
namespace {

// A caller's heap, for any thread.
struct SharedHeap {
    std::mutex mutex;
    std::set<void*> blocks;

    static void* allocate(void* user, size_t bytes, size_t alignment) {
        auto& heap = *static_cast<SharedHeap*>(user);
        void* block = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
        const std::lock_guard lock(heap.mutex);
        heap.blocks.insert(block);
        return block;
    }
    static void release(void* user, void* block) {
        auto& heap = *static_cast<SharedHeap*>(user);
        {
            const std::lock_guard lock(heap.mutex);
            EXPECT_EQ(heap.blocks.erase(block), 1u);
        }
        std::free(block);
    }
    residua_settings settings() {
        residua_settings settings = on_threads(1);
        settings.allocate = allocate;
        settings.free = release;
        settings.memory_user = this;
        return settings;
    }
};

class Ownership : public ::testing::Test {
  protected:
    // A file with metadata.
    residua::buffer encoded(residua::context& context) {
        residua_image image = picture_.image();
        const residua_metadata metadata[] = {{"icc", "profile", 7}, {"xmp", "<x/>", 4}};
        image.metadata = metadata;
        image.metadata_count = 2;
        residua_encode_options options = RESIDUA_INIT(residua_encode_options);
        options.model = "experts";
        return context.encode(image, options);
    }
    void expect_picture(const residua::image& image) {
        EXPECT_TRUE(std::equal(picture_.pixels.begin(), picture_.pixels.end(), image.pixels()));
        EXPECT_EQ(metadata(image.get(), "icc").size(), 7u);
        EXPECT_EQ(metadata(image.get(), "exif").size(), 0u);
        EXPECT_EQ(metadata(image.get(), "xmp").size(), 4u);
        EXPECT_EQ(metadata(image.get(), "xmp")[1], 'x');
    }

    SharedHeap heap_;
    TestPicture picture_ = make_picture(24, 16, 3);
};

TEST_F(Ownership, OutlivesTheContext) {
    std::optional<residua::context> context = context_of_every_codec(heap_.settings());
    residua::buffer file = encoded(*context);
    residua::image image = context->decode(file.data(), file.size());
    context.reset();
    EXPECT_FALSE(heap_.blocks.empty());
    expect_picture(image);
    residua::context other = context_of_every_codec();
    expect_picture(other.decode(file.data(), file.size()));
    image = {};
    file = {};
    EXPECT_TRUE(heap_.blocks.empty()) << "the callbacks get everything back";
}

TEST_F(Ownership, FreesOnOtherThreadsWhileTheContextWorks) {
    residua::context context = context_of_every_codec(heap_.settings());
    const residua::buffer file = encoded(context);
    std::mutex mutex;
    std::vector<residua::image> given_up;
    std::atomic<bool> done = false;
    std::atomic<int> freed = 0;
    std::vector<std::thread> collectors;
    collectors.reserve(3);
    for (int i = 0; i < 3; ++i)
        collectors.emplace_back([&] {
            for (bool last = false; !last;) {
                last = done;
                std::vector<residua::image> garbage;
                {
                    const std::lock_guard lock(mutex);
                    garbage.swap(given_up);
                }
                for (const residua::image& image : garbage) expect_picture(image);
                freed += static_cast<int>(garbage.size());
            }
        });
    constexpr int kPictures = 12;
    for (int i = 0; i < kPictures; ++i) {
        residua::image image = context.decode(file.data(), file.size());
        const std::lock_guard lock(mutex);
        given_up.push_back(std::move(image));
    }
    done = true;
    for (auto& collector : collectors) collector.join();
    EXPECT_EQ(freed, kPictures);
    EXPECT_EQ(heap_.blocks.size(), 1u) << "the file";
}

TEST_F(Ownership, WhatIsHeldCountsAgainstTheLimit) {
    residua_settings settings = on_threads(1);
    residua::context unlimited = context_of_every_codec(settings);
    const residua::buffer file = encoded(unlimited);
    residua::context measured = context_of_every_codec(settings);
    measured.verify(file.data(), file.size());
    settings.memory_limit = measured.peak_memory() + picture_.pixels.size() - 1;
    residua::context context = context_of_every_codec(settings);
    residua::image held = context.decode(file.data(), file.size());
    EXPECT_EQ(status_of([&] { context.decode(file.data(), file.size()); }), RESIDUA_MEMORY_LIMIT);
    held = {};
    EXPECT_EQ(status_of([&] { context.decode(file.data(), file.size()); }), RESIDUA_OK);
}

TEST_F(Ownership, FreeingSetsToEmptyAndKnowsWhatIsNotTheLibrarys) {
    residua::context context = context_of_every_codec(heap_.settings());
    residua::buffer file = encoded(context);
    residua_image image = RESIDUA_INIT(residua_image);
    ASSERT_EQ(residua_decode(context.get(), file.data(), file.size(), &image), RESIDUA_OK);
    residua_image_free(&image);
    EXPECT_EQ(image.pixels, nullptr);
    EXPECT_EQ(image.owner, nullptr);
    EXPECT_EQ(image.metadata_count, 0u);
    EXPECT_EQ(image.struct_size, sizeof image);
    residua_image_free(&image);
    residua_buffer_free(file.out());
    EXPECT_EQ(file.data(), nullptr);
    EXPECT_EQ(file.size(), 0u);
    residua_buffer_free(file.out());
    residua_buffer_free(nullptr);
    residua_image_free(nullptr);
    residua_image mine = picture_.image();
    residua_image_free(&mine);
    EXPECT_EQ(mine.pixels, nullptr);
    EXPECT_FALSE(picture_.pixels.empty());
    EXPECT_TRUE(heap_.blocks.empty());
}

// What a caller with a later header has set there, this library does not know; the picture is freed all the
// same, and only once.
TEST_F(Ownership, FreesPicturesWithFieldsThatItDoesNotKnow) {
    struct Later : residua_image {
        uint64_t added;
    };
    residua::context context = context_of_every_codec(heap_.settings());
    residua::buffer file = encoded(context);
    Later image{};
    image.struct_size = sizeof image;
    ASSERT_EQ(residua_decode(context.get(), file.data(), file.size(), &image), RESIDUA_OK);
    image.added = 1;
    residua_image_free(&image);
    EXPECT_EQ(image.owner, nullptr);
    EXPECT_EQ(image.pixels, nullptr);
    EXPECT_EQ(image.metadata, nullptr);
    EXPECT_EQ(image.metadata_count, 0u);
    EXPECT_EQ(image.added, 1u);
    EXPECT_EQ(heap_.blocks.size(), 1u) << "the file";
}

}  // namespace
}  // namespace residua::testing
