// The functions of the C interface when the C++ heap has nothing left, at each place where it is asked: a
// status and a message, no exception, nothing leaked. Its own program, since it replaces operator new. RC's
// coding and residua_lossy_layer are left out: the HEVC encoder does not survive it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <new>
#include <residua/research.hpp>

#include "support/context.h"
#include "support/test_picture.h"

namespace {
thread_local int64_t allocations_left = -1;  // of this thread, before one fails; negative: none does
thread_local bool one_failed = false;
thread_local int64_t held = 0;  // blocks

void* allocate(size_t size, size_t alignment) noexcept {
    if (allocations_left >= 0 && allocations_left-- == 0) {
        one_failed = true;
        return nullptr;
    }
    void* block = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    held += block != nullptr;
    return block;
}
void release(void* block) noexcept {
    held -= block != nullptr;
    std::free(block);
}
void* allocate_or_throw(size_t size, size_t alignment) {
    if (void* block = allocate(size, alignment)) return block;
    throw std::bad_alloc();
}
constexpr size_t kAlignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;
}  // namespace

void* operator new(size_t size) { return allocate_or_throw(size, kAlignment); }
void* operator new[](size_t size) { return allocate_or_throw(size, kAlignment); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return allocate(size, kAlignment); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return allocate(size, kAlignment); }
void* operator new(size_t size, std::align_val_t alignment) {
    return allocate_or_throw(size, static_cast<size_t>(alignment));
}
void* operator new(size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return allocate(size, static_cast<size_t>(alignment));
}
void operator delete(void* block) noexcept { release(block); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete(void* block, size_t) noexcept { release(block); }
void operator delete[](void* block, size_t) noexcept { release(block); }
void operator delete(void* block, std::align_val_t) noexcept { release(block); }
void operator delete(void* block, size_t, std::align_val_t) noexcept { release(block); }

namespace residua::testing {
namespace {

class FailingNew : public ::testing::Test {
  protected:
    FailingNew() : context_(context_of_every_codec()) {
        options_.model = "experts";
        options_.effort = 1;
        image_ = picture_.image();
        image_.metadata = &metadata_;
        image_.metadata_count = 1;
        file_ = context_.encode(image_, options_);
        path_ = ::testing::TempDir() + "failing_new_" + std::to_string(getpid());
        context_.write_file(path_, file_.data(), file_.size());
    }
    ~FailingNew() override { std::remove(path_.c_str()); }

    // `call` frees what it was given. The first time it may keep something, such as a model that it has made
    // ready. Returns how many allocations it makes.
    int64_t expect_failures(const std::function<residua_status()>& call,
                            const std::function<const char*()>& message) {
        EXPECT_EQ(call(), RESIDUA_OK) << message();
        int64_t failures = 0;
        // Each of the first, then ever fewer: long calls make thousands.
        for (int64_t n = 0;; n += 1 + n / 60) {
            const int64_t before = held;
            one_failed = false;
            allocations_left = n;
            const residua_status status = call();
            allocations_left = -1;
            EXPECT_EQ(held, before) << "leaked, at allocation " << n;
            if (!one_failed) {
                EXPECT_EQ(status, RESIDUA_OK) << message();
                break;
            }
            EXPECT_EQ(status, RESIDUA_OUT_OF_MEMORY) << n << ": " << message();
            EXPECT_NE(message()[0], '\0');
            ++failures;
        }
        EXPECT_EQ(call(), RESIDUA_OK) << message();
        return failures;
    }
    int64_t expect_failures(const std::function<residua_status()>& call) {
        return expect_failures(call, [&] { return residua_last_error(context_.get()); });
    }
    residua_context* context() { return context_.get(); }

    residua::context context_;
    TestPicture picture_ = make_picture(20, 17, 3);
    const residua_metadata metadata_ = {"xmp", "<x/>", 4};
    residua_image image_;
    residua_encode_options options_ = RESIDUA_INIT(residua_encode_options);
    residua::buffer file_;
    std::string path_;
};

TEST_F(FailingNew, ContextAndModels) {
    const auto failures = expect_failures(
        [] {
            residua_context* made = nullptr;
            residua_settings settings = on_threads(1);
            const residua_status status = residua_context_create(&settings, &made);
            EXPECT_EQ(made != nullptr, status == RESIDUA_OK);
            residua_context_destroy(made);
            return status;
        },
        [] { return residua_last_error(nullptr); });
    EXPECT_GT(failures, 5);
    residua_model_info info = RESIDUA_INIT(residua_model_info);
    expect_failures([&] { return residua_model_describe(context(), 0, &info); });
    residua_research_model_info details = RESIDUA_INIT(residua_research_model_info);
    expect_failures([&] { return residua_research_model(context(), info.hash, &details); });
    const auto model = models::make_olm_model("another");
    EXPECT_GT(expect_failures(
                  [&] {
                      residua_context* made = nullptr;
                      residua_settings settings = on_threads(1);
                      const int64_t left = allocations_left;
                      allocations_left = -1;
                      residua_context_create(&settings, &made);
                      allocations_left = left;
                      const residua_status status =
                          residua_model_add(made, model.data(), model.size(), &info);
                      residua_context_destroy(made);
                      return status;
                  },
                  [] { return "a message that is gone with its context"; }),
              5);
}

TEST_F(FailingNew, Encode) {
    EXPECT_GT(expect_failures([&] {
                  residua_buffer file = {};
                  const residua_status status = residua_encode(context(), &image_, &options_, &file);
                  EXPECT_EQ(file.data != nullptr, status == RESIDUA_OK);
                  residua_buffer_free(&file);
                  return status;
              }),
              20);
    residua_row_source source = RESIDUA_INIT(residua_row_source);
    source.width = 20, source.height = 17, source.colour = RESIDUA_COLOUR_RGB;
    source.read = [](void* user, uint32_t y, uint32_t rows, void* pixels) {
        const auto& picture = *static_cast<TestPicture*>(user);
        std::copy_n(picture.pixels.data() + y * 60, rows * 60, static_cast<uint8_t*>(pixels));
        return 0;
    };
    source.user = &picture_;
    residua_byte_sink sink = RESIDUA_INIT(residua_byte_sink);
    sink.write = [](void*, const void*, size_t) { return 0; };
    EXPECT_GT(expect_failures([&] { return residua_encode_rows(context(), &source, &options_, &sink); }), 20);
    EXPECT_GT(
        expect_failures([&] { return residua_encode_file(context(), &image_, &options_, path_.c_str(), 1); }),
        20);
}

TEST_F(FailingNew, Decode) {
    const auto filled = [&](auto function) {
        return [&, function] {
            residua_image image = RESIDUA_INIT(residua_image);
            const residua_status status = function(&image);
            EXPECT_EQ(image.owner != nullptr, status == RESIDUA_OK);
            residua_image_free(&image);
            return status;
        };
    };
    const uint8_t* data = file_.data();
    const size_t size = file_.size();
    EXPECT_GT(
        expect_failures(filled([&](auto* image) { return residua_decode(context(), data, size, image); })),
        20);
    EXPECT_GT(expect_failures(
                  filled([&](auto* image) { return residua_decode_file(context(), path_.c_str(), image); })),
              20);
    EXPECT_GT(expect_failures(
                  filled([&](auto* image) { return residua_decode_head(context(), data, size, image); })),
              3);
    EXPECT_GT(expect_failures([&] { return residua_decode_into(context(), data, size, &image_); }), 20);
    EXPECT_GT(expect_failures([&] { return residua_verify(context(), data, size); }), 20);
    struct Position {
        const residua::buffer& file;
        size_t at;
    };
    EXPECT_GT(expect_failures([&] {
                  Position position = {file_, 0};
                  residua_byte_source source = RESIDUA_INIT(residua_byte_source);
                  source.user = &position;
                  source.read = [](void* user, void* to, size_t most) {
                      auto& from = *static_cast<Position*>(user);
                      const size_t count = std::min(most, from.file.size() - from.at);
                      std::copy_n(from.file.data() + from.at, count, static_cast<uint8_t*>(to));
                      from.at += count;
                      return static_cast<int64_t>(count);
                  };
                  residua_row_sink sink = RESIDUA_INIT(residua_row_sink);
                  sink.begin = [](void*, const residua_image*) { return 0; };
                  sink.rows = [](void*, uint32_t, uint32_t, const void*) { return 0; };
                  return residua_decode_rows(context(), &source, &sink);
              }),
              20);
    residua_info info = RESIDUA_INIT(residua_info);
    EXPECT_GT(expect_failures([&] { return residua_inspect(context(), data, size, &info); }), 1);
    residua_research_info parts = RESIDUA_INIT(residua_research_info);
    EXPECT_GT(expect_failures([&] { return residua_research_inspect(context(), data, size, &parts); }), 1);
}

TEST_F(FailingNew, LossyFilesAndPreviews) {
    options_.model = "test";
    const residua::buffer lossy = context_.encode(image_, options_);
    EXPECT_GT(expect_failures([&] {
                  residua_buffer bpg = {};
                  const residua_status status =
                      residua_preview_bpg(context(), lossy.data(), lossy.size(), &bpg);
                  residua_buffer_free(&bpg);
                  return status;
              }),
              1);
    options_.model = "scales";
    const residua::buffer scales = context_.encode(image_, options_);
    EXPECT_GT(expect_failures([&] {
                  residua_image image = RESIDUA_INIT(residua_image);
                  const residua_status status =
                      residua_preview(context(), scales.data(), scales.size(), &image);
                  residua_image_free(&image);
                  return status;
              }),
              20);
}

TEST_F(FailingNew, Research) {
    residua_sample_options options = RESIDUA_INIT(residua_sample_options);
    options.model = "scales";
    EXPECT_GT(expect_failures([&] {
                  residua_image drawn = RESIDUA_INIT(residua_image);
                  const residua_status status = residua_sample(context(), &image_, &options, &drawn);
                  residua_image_free(&drawn);
                  return status;
              }),
              20);
    EXPECT_GT(expect_failures([&] {
                  return residua_olm_samples(
                      context(), &image_, "olm-fast", [](void*, const residua_olm_sample*) {}, nullptr);
              }),
              5);
}

TEST_F(FailingNew, Files) {
    EXPECT_GT(expect_failures([&] {
                  residua_buffer bytes = {};
                  const residua_status status = residua_file_read(context(), path_.c_str(), &bytes);
                  EXPECT_EQ(bytes.data != nullptr, status == RESIDUA_OK);
                  residua_buffer_free(&bytes);
                  return status;
              }),
              1);
    EXPECT_GT(expect_failures([&] {
                  return residua_file_write(context(), path_.c_str(), file_.data(), file_.size(), 1);
              }),
              1);
    // What befalls a file itself is told by the file.
    EXPECT_GT(expect_failures(
                  [&] {
                      residua_file* file = nullptr;
                      residua_status status = residua_file_create(context(), path_.c_str(), 1, &file);
                      EXPECT_EQ(file != nullptr, status == RESIDUA_OK);
                      if (status == RESIDUA_OK) status = residua_file_append(file, "bytes", 5);
                      if (status == RESIDUA_OK) status = residua_file_commit(file);
                      residua_file_close(file);
                      return status;
                  },
                  [] { return "one of two"; }),
              1);
}

}  // namespace
}  // namespace residua::testing
