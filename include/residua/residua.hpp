// A thin C++ face over residua.h: owners instead of free functions, residua::error instead of status codes.
// The limits, units and rules are those documented in residua.h.
#pragma once

#include <residua/residua.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
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

// Bytes from the library; movable, freed by itself. Keeps its context alive.
class buffer {
  public:
    buffer() = default;
    buffer(buffer&& other) noexcept : owner_(std::move(other.owner_)), raw_(std::exchange(other.raw_, {})) {}
    buffer& operator=(buffer&& other) noexcept {
        std::swap(owner_, other.owner_);
        std::swap(raw_, other.raw_);
        return *this;
    }
    ~buffer() { residua_buffer_free(owner_.get(), &raw_); }

    const std::uint8_t* data() const noexcept { return raw_.data; }
    std::size_t size() const noexcept { return raw_.size; }
    const std::uint8_t* begin() const noexcept { return raw_.data; }
    const std::uint8_t* end() const noexcept { return raw_.data + raw_.size; }

  private:
    friend class context;
    explicit buffer(std::shared_ptr<residua_context> owner) : owner_(std::move(owner)) {}
    std::shared_ptr<residua_context> owner_;
    residua_buffer raw_{};
};

// A picture from the library; movable, freed by itself. Keeps its context alive.
class image {
  public:
    image() = default;
    image(image&& other) noexcept : owner_(std::move(other.owner_)), raw_(std::exchange(other.raw_, {})) {}
    image& operator=(image&& other) noexcept {
        std::swap(owner_, other.owner_);
        std::swap(raw_, other.raw_);
        return *this;
    }
    ~image() { residua_image_free(owner_.get(), &raw_); }

    const residua_image& get() const noexcept { return raw_; }
    const residua_image* operator->() const noexcept { return &raw_; }

  private:
    friend class context;
    explicit image(std::shared_ptr<residua_context> owner) : owner_(std::move(owner)) {}
    std::shared_ptr<residua_context> owner_;
    residua_image raw_{};
};

class context {
  public:
    explicit context(const residua_settings& settings = {}) {
        residua_context* raw = nullptr;
        const residua_status status = residua_context_create(&settings, &raw);
        if (status != RESIDUA_OK) throw error(status, residua_last_error(nullptr));
        raw_.reset(raw, residua_context_destroy);
    }
    context(context&&) noexcept = default;
    context& operator=(context&&) noexcept = default;

    residua_context* get() const noexcept { return raw_.get(); }

    // visit(const residua_olm_sample&) for each sample of the picture; experts as residua_olm_samples takes
    // them.
    template <typename Visit>
    void olm_samples(const residua_image& picture, const char* experts, Visit visit) {
        check(residua_olm_samples(
            raw_.get(), &picture, experts,
            [](void* user, const residua_olm_sample* sample) { (*static_cast<Visit*>(user))(*sample); },
            &visit));
    }

    buffer encode(const residua_image& picture, const residua_encode_options& options = {}) {
        buffer file(raw_);
        check(residua_encode(raw_.get(), &picture, &options, &file.raw_));
        return file;
    }
    void encode_file(const residua_image& picture, const std::string& path,
                     const residua_encode_options& options = {}, bool overwrite = false) {
        check(residua_encode_file(raw_.get(), &picture, &options, path.c_str(), overwrite));
    }
    image sample(const residua_image& picture, const residua_sample_options& options = {}) {
        image drawn(raw_);
        check(residua_sample(raw_.get(), &picture, &options, &drawn.raw_));
        return drawn;
    }
    image decode(const void* data, std::size_t size) {
        image picture(raw_);
        check(residua_decode(raw_.get(), data, size, &picture.raw_));
        return picture;
    }
    image decode_file(const std::string& path) {
        image picture(raw_);
        check(residua_decode_file(raw_.get(), path.c_str(), &picture.raw_));
        return picture;
    }
    void verify(const void* data, std::size_t size) { check(residua_verify(raw_.get(), data, size)); }
    image preview(const void* data, std::size_t size) {
        image picture(raw_);
        check(residua_preview(raw_.get(), data, size, &picture.raw_));
        return picture;
    }
    buffer preview_bpg(const void* data, std::size_t size) {
        buffer bpg(raw_);
        check(residua_preview_bpg(raw_.get(), data, size, &bpg.raw_));
        return bpg;
    }
    residua_info inspect(const void* data, std::size_t size) {
        residua_info info{};
        check(residua_inspect(raw_.get(), data, size, &info));
        return info;
    }
    // x_l: width · height · channels bytes. bpg_size, when not null, gets the size of the BPG stream.
    std::vector<std::uint8_t> lossy_layer(const residua_image& picture, int q, int bit_depth, int effort,
                                          std::uint64_t* bpg_size = nullptr) {
        std::vector<std::uint8_t> pixels(std::size_t{picture.width} * picture.height * picture.channels);
        check(residua_lossy_layer(raw_.get(), &picture, q, bit_depth, effort, pixels.data(), bpg_size));
        return pixels;
    }
    // The same before its rounding to 8 bits: 64 times the value.
    std::vector<std::uint16_t> lossy_layer_fine(const residua_image& picture, int q, int bit_depth,
                                                int effort, std::uint64_t* bpg_size = nullptr) {
        std::vector<std::uint16_t> fine(std::size_t{picture.width} * picture.height * picture.channels);
        check(residua_lossy_layer_fine(raw_.get(), &picture, q, bit_depth, effort, fine.data(), bpg_size));
        return fine;
    }
    std::vector<residua_model_info> models() {
        std::vector<residua_model_info> all(residua_model_count(raw_.get()));
        for (std::size_t i = 0; i < all.size(); ++i) check(residua_model_describe(raw_.get(), i, &all[i]));
        return all;
    }
    residua_model_info add_model(const void* data, std::size_t size) {
        residua_model_info info{};
        check(residua_model_add(raw_.get(), data, size, &info));
        return info;
    }
    buffer read_file(const std::string& path) {
        buffer bytes(raw_);
        check(residua_file_read(raw_.get(), path.c_str(), &bytes.raw_));
        return bytes;
    }
    void write_file(const std::string& path, const void* data, std::size_t size, bool overwrite = false) {
        check(residua_file_write(raw_.get(), path.c_str(), data, size, overwrite));
    }
    std::uint64_t peak_memory() const noexcept { return residua_peak_memory(raw_.get()); }

  private:
    void check(residua_status status) const {
        if (status != RESIDUA_OK) throw error(status, residua_last_error(raw_.get()));
    }
    std::shared_ptr<residua_context> raw_;
};

}  // namespace residua
