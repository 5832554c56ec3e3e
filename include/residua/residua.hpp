// A thin C++20 face over residua.h: owners instead of free functions, residua::error instead of status codes.
// The limits, units and rules are those documented in residua.h. Options are the structures of C, which begin
// as RESIDUA_INIT(residua_encode_options).
#pragma once

#include <residua/residua.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace residua {

// What every failed call throws; what() is one sentence for a person.
class error : public std::runtime_error {
  public:
    error(residua_status status, const std::string& message) : std::runtime_error(message), status_(status) {}
    residua_status status() const noexcept { return status_; }

  private:
    residua_status status_;
};

class context;

// A file that is written piece by piece and has its name only once it is complete.
class file_writer {
  public:
    file_writer(file_writer&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
    file_writer& operator=(file_writer&& other) noexcept {
        std::swap(raw_, other.raw_);
        return *this;
    }
    ~file_writer() { residua_file_close(raw_); }

    void append(const void* data, std::size_t size) { check(residua_file_append(raw_, data, size)); }
    void commit() { check(residua_file_commit(raw_)); }
    const char* temporary() const noexcept { return residua_file_temporary(raw_); }

  private:
    friend class context;
    explicit file_writer(residua_file* raw) : raw_(raw) {}
    void check(residua_status status) const {
        if (status != RESIDUA_OK) throw error(status, residua_file_error(raw_));
    }
    residua_file* raw_;
};

namespace detail {

// Functions of C++ behind C callbacks: what they throw is kept until the library has returned.
class kept_exception {
  public:
    template <typename Action>
    int guard(Action action) noexcept {
        try {
            action();
            return 0;
        } catch (...) {
            exception_ = std::current_exception();
            return 1;
        }
    }
    explicit operator bool() const noexcept { return exception_ != nullptr; }
    void rethrow() const {
        if (exception_) std::rethrow_exception(exception_);
    }

  private:
    std::exception_ptr exception_;
};

}  // namespace detail

// How many channels a pixel of a picture (residua_image, residua_row_source or residua_info) has.
template <typename Picture>
std::uint32_t channels(const Picture& picture) {
    return residua_channels(picture.colour, picture.alpha);
}

// The picture's metadata of that name, such as "icc"; empty when it has none.
inline std::span<const std::uint8_t> metadata(const residua_image& picture, std::string_view name) {
    for (std::size_t i = 0; i < picture.metadata_count; ++i)
        if (picture.metadata[i].name == name)
            return {static_cast<const std::uint8_t*>(picture.metadata[i].data), picture.metadata[i].size};
    return {};
}

// Bytes from the library; movable, freed by itself. May outlive its context.
class buffer {
  public:
    buffer() = default;
    buffer(buffer&& other) noexcept : raw_(std::exchange(other.raw_, {})) {}
    buffer& operator=(buffer&& other) noexcept {
        std::swap(raw_, other.raw_);
        return *this;
    }
    ~buffer() { residua_buffer_free(&raw_); }

    const std::uint8_t* data() const noexcept { return raw_.data; }
    std::size_t size() const noexcept { return raw_.size; }
    const std::uint8_t* begin() const noexcept { return raw_.data; }
    const std::uint8_t* end() const noexcept { return raw_.data + raw_.size; }

    // For calls of C; what it held must have been freed.
    residua_buffer* out() noexcept { return &raw_; }

  private:
    residua_buffer raw_{};
};

// A picture from the library; movable, freed by itself. May outlive its context.
class image {
  public:
    image() = default;
    image(image&& other) noexcept : raw_(std::exchange(other.raw_, RESIDUA_INIT(residua_image))) {}
    image& operator=(image&& other) noexcept {
        std::swap(raw_, other.raw_);
        return *this;
    }
    ~image() { residua_image_free(&raw_); }

    const residua_image& get() const noexcept { return raw_; }
    const residua_image* operator->() const noexcept { return &raw_; }
    // The samples, of 8 bits at most.
    const std::uint8_t* pixels() const noexcept { return static_cast<const std::uint8_t*>(raw_.pixels); }

    // For calls of C; what it held must have been freed.
    residua_image* out() noexcept { return &raw_; }

  private:
    residua_image raw_ = RESIDUA_INIT(residua_image);
};

class context {
  public:
    explicit context(const residua_settings& settings = RESIDUA_INIT(residua_settings)) {
        residua_context* raw = nullptr;
        const residua_status status = residua_context_create(&settings, &raw);
        if (status != RESIDUA_OK) throw error(status, residua_last_error(nullptr));
        raw_.reset(raw, residua_context_destroy);
    }
    context(context&&) noexcept = default;
    context& operator=(context&&) noexcept = default;

    residua_context* get() const noexcept { return raw_.get(); }

    // Throws what the last call of C on this context said, unless its status is RESIDUA_OK.
    void check(residua_status status) const {
        if (status != RESIDUA_OK) throw error(status, residua_last_error(raw_.get()));
    }

    static residua_encode_options default_options() { return RESIDUA_INIT(residua_encode_options); }

    buffer encode(const residua_image& picture, const residua_encode_options& options = default_options()) {
        buffer file;
        check(residua_encode(raw_.get(), &picture, &options, file.out()));
        return file;
    }
    // read(y, rows, pixels) fills rows of the picture, write(data, size) takes bytes of the file. `picture`
    // says the rest; its functions are not used. What read and write throw comes out of this call.
    template <typename Read, typename Write>
    void encode_rows(residua_row_source picture, Read read, Write write,
                     const residua_encode_options& options = default_options()) {
        struct {
            Read& read;
            Write& write;
            detail::kept_exception kept;
        } calls{read, write, {}};
        using Calls = decltype(calls);
        picture.user = &calls;
        picture.read = [](void* user, std::uint32_t y, std::uint32_t rows, void* pixels) {
            auto& self = *static_cast<Calls*>(user);
            return self.kept.guard([&] { self.read(y, rows, pixels); });
        };
        residua_byte_sink sink = RESIDUA_INIT(residua_byte_sink);
        sink.user = &calls;
        sink.write = [](void* user, const void* data, std::size_t size) {
            auto& self = *static_cast<Calls*>(user);
            return self.kept.guard([&] { self.write(data, size); });
        };
        const residua_status status = residua_encode_rows(raw_.get(), &picture, &options, &sink);
        calls.kept.rethrow();
        check(status);
    }
    void encode_file(const residua_image& picture, const std::string& path,
                     const residua_encode_options& options = default_options(), bool overwrite = false) {
        check(residua_encode_file(raw_.get(), &picture, &options, path.c_str(), overwrite));
    }
    image decode(const void* data, std::size_t size) {
        image picture;
        check(residua_decode(raw_.get(), data, size, picture.out()));
        return picture;
    }
    // Into memory of the caller, which `picture` describes.
    void decode_into(const void* data, std::size_t size, const residua_image& picture) {
        check(residua_decode_into(raw_.get(), data, size, &picture));
    }
    // A part of the picture.
    image decode_region(const void* data, std::size_t size, std::uint32_t x, std::uint32_t y,
                        std::uint32_t width, std::uint32_t height) {
        image picture;
        check(residua_decode_region(raw_.get(), data, size, x, y, width, height, picture.out()));
        return picture;
    }
    // JPEG files, byte for byte.
    buffer jpeg_encode(const void* jpeg, std::size_t size,
                       const residua_encode_options& options = default_options()) {
        buffer file;
        check(residua_jpeg_encode(raw_.get(), jpeg, size, &options, file.out()));
        return file;
    }
    buffer jpeg_decode(const void* data, std::size_t size) {
        buffer jpeg;
        check(residua_jpeg_decode(raw_.get(), data, size, jpeg.out()));
        return jpeg;
    }
    // The same file with these metadata instead of its own.
    buffer replace_metadata(const void* data, std::size_t size, std::span<const residua_metadata> metadata) {
        buffer file;
        check(residua_replace_metadata(raw_.get(), data, size, metadata.data(), metadata.size(), file.out()));
        return file;
    }
    // Without pixels.
    image decode_head(const void* data, std::size_t size) {
        image picture;
        check(residua_decode_head(raw_.get(), data, size, picture.out()));
        return picture;
    }
    // read(data, size) gives bytes of the file and returns how many, 0 at the end; size: of the file, 0 where
    // that is not known. begin(picture) gets size, kind and metadata, rows(y, count, pixels) the pixels. What
    // they throw comes out of this call.
    template <typename Read, typename Begin, typename Rows>
    void decode_rows(Read read, std::uint64_t size, Begin begin, Rows rows) {
        decode_to(begin, rows, [&](const residua_row_sink& sink, const detail::kept_exception& of_sink) {
            decode_from(read, size, of_sink, [&](const residua_byte_source& source) {
                return residua_decode_rows(raw_.get(), &source, &sink);
            });
        });
    }
    // residua_decode_region_rows: the same of a part of the picture.
    template <typename Read, typename Begin, typename Rows>
    void decode_region_rows(Read read, std::uint64_t size, std::uint32_t x, std::uint32_t y,
                            std::uint32_t width, std::uint32_t height, Begin begin, Rows rows) {
        decode_to(begin, rows, [&](const residua_row_sink& sink, const detail::kept_exception& of_sink) {
            decode_from(read, size, of_sink, [&](const residua_byte_source& source) {
                return residua_decode_region_rows(raw_.get(), &source, x, y, width, height, &sink);
            });
        });
    }
    // The same without the pixels: checks all.
    template <typename Read>
    void verify_rows(Read read, std::uint64_t size) {
        decode_from(read, size, {}, [&](const residua_byte_source& source) {
            return residua_decode_rows(raw_.get(), &source, nullptr);
        });
    }
    image decode_file(const std::string& path) {
        image picture;
        check(residua_decode_file(raw_.get(), path.c_str(), picture.out()));
        return picture;
    }
    // The picture, and its map.
    std::pair<image, image> salvage(const void* data, std::size_t size) {
        std::pair<image, image> pictures;
        check(residua_salvage(raw_.get(), data, size, pictures.first.out(), pictures.second.out()));
        return pictures;
    }
    void verify(const void* data, std::size_t size) { check(residua_verify(raw_.get(), data, size)); }
    image preview(const void* data, std::size_t size) {
        image picture;
        check(residua_preview(raw_.get(), data, size, picture.out()));
        return picture;
    }
    residua_info inspect(const void* data, std::size_t size) {
        residua_info info = RESIDUA_INIT(residua_info);
        check(residua_inspect(raw_.get(), data, size, &info));
        return info;
    }
    std::vector<residua_model_info> models() {
        std::vector<residua_model_info> all(residua_model_count(raw_.get()),
                                            RESIDUA_INIT(residua_model_info));
        for (std::size_t i = 0; i < all.size(); ++i) check(residua_model_describe(raw_.get(), i, &all[i]));
        return all;
    }
    residua_model_info add_model(const void* data, std::size_t size) {
        residua_model_info info = RESIDUA_INIT(residua_model_info);
        check(residua_model_add(raw_.get(), data, size, &info));
        return info;
    }
    buffer read_file(const std::string& path) {
        buffer bytes;
        check(residua_file_read(raw_.get(), path.c_str(), bytes.out()));
        return bytes;
    }
    void write_file(const std::string& path, const void* data, std::size_t size, bool overwrite = false) {
        check(residua_file_write(raw_.get(), path.c_str(), data, size, overwrite));
    }
    file_writer create_file(const std::string& path, bool overwrite = false) {
        residua_file* file = nullptr;
        check(residua_file_create(raw_.get(), path.c_str(), overwrite, &file));
        return file_writer(file);
    }
    void set_limits(const residua_limits& limits) { check(residua_set_limits(raw_.get(), &limits)); }
    std::uint64_t peak_memory() const noexcept { return residua_peak_memory(raw_.get()); }

  private:
    // Makes a sink of functions, and decodes to it.
    template <typename Begin, typename Rows, typename Decode>
    void decode_to(Begin& begin, Rows& rows, Decode decode) {
        struct {
            Begin& begin;
            Rows& rows;
            detail::kept_exception kept;
        } calls{begin, rows, {}};
        using Calls = decltype(calls);
        residua_row_sink sink = RESIDUA_INIT(residua_row_sink);
        sink.user = &calls;
        sink.begin = [](void* user, const residua_image* picture) {
            auto& self = *static_cast<Calls*>(user);
            return self.kept.guard([&] { self.begin(*picture); });
        };
        sink.rows = [](void* user, std::uint32_t y, std::uint32_t count, const void* pixels) {
            auto& self = *static_cast<Calls*>(user);
            return self.kept.guard([&] { self.rows(y, count, pixels); });
        };
        decode(sink, calls.kept);
    }
    // Makes a source of a function, and decodes from it. `of_sink`: what the sink's functions have thrown.
    template <typename Read, typename Decode>
    void decode_from(Read& read, std::uint64_t size, const detail::kept_exception& of_sink, Decode decode) {
        struct {
            Read& read;
            detail::kept_exception kept;
        } calls{read, {}};
        using Calls = decltype(calls);
        residua_byte_source source = RESIDUA_INIT(residua_byte_source);
        source.user = &calls;
        source.size = size;
        source.read = [](void* user, void* data, std::size_t count) -> std::int64_t {
            auto& self = *static_cast<Calls*>(user);
            std::int64_t got = 0;
            const int failed =
                self.kept.guard([&] { got = static_cast<std::int64_t>(self.read(data, count)); });
            return failed ? -1 : got;
        };
        const residua_status status = decode(source);
        calls.kept.rethrow();
        of_sink.rethrow();
        check(status);
    }
    std::shared_ptr<residua_context> raw_;
};

}  // namespace residua
