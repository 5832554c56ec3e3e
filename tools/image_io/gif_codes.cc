#include "image_io/gif_codes.h"

#include <algorithm>

#include "image_io/image.h"

namespace image_io {

namespace {

constexpr uint32_t kWidest = 12;  // bits of a code

[[noreturn]] void broken(const char* what) { damaged(std::string("the GIF file is damaged: ") + what); }

}  // namespace

GifCodes::GifCodes(Source& source, uint64_t position, uint32_t size)
    : source_(source),
      position_(position),
      size_(size),
      clear_(1U << std::min(size, kWidest)),
      end_(clear_ + 1) {
    if (size < 1 || size >= kWidest) broken("its code has an impossible size");
    clear();
}

void GifCodes::clear() {
    width_ = size_ + 1;
    known_ = end_ + 1;
    before_ = -1;
}

uint32_t GifCodes::next_byte() {
    if (block_left_ == 0) {
        source_.seek(position_);
        const int size = source_.next();
        if (size <= 0) broken("its pixels end too early");
        // The last block may be cut short where its end is not needed.
        block_size_ = static_cast<uint32_t>(source_.read(block_.data(), static_cast<size_t>(size)));
        if (block_size_ == 0) broken("its pixels end too early");
        position_ += 1 + uint64_t{block_size_};
        block_left_ = block_size_;
    }
    return block_[block_size_ - block_left_--];
}

uint32_t GifCodes::next_code() {
    for (; bit_count_ < width_; bit_count_ += 8) bits_ |= next_byte() << bit_count_;
    const uint32_t code = bits_ & ((1U << width_) - 1);
    bits_ >>= width_;
    bit_count_ -= width_;
    return code;
}

void GifCodes::take_string() {
    uint32_t code = next_code();
    while (code == clear_) {
        clear();
        code = next_code();
    }
    if (code == end_) broken("its pixels end too early");
    if (code > known_ || (code == known_ && (before_ < 0 || known_ == kMostCodes)) ||
        (before_ < 0 && code > end_))
        broken("its code is wrong");
    uint32_t at = code;
    if (code == known_) {  // the string that this very code makes: the one before, and its first number again
        pending_.push_back(static_cast<uint8_t>(first_of_before_));
        at = static_cast<uint32_t>(before_);
    }
    for (; at >= clear_; at = prefix_[at]) pending_.push_back(static_cast<uint8_t>(last_[at]));
    if (at > 255) broken("a pixel has a colour beyond its palette");
    pending_.push_back(static_cast<uint8_t>(at));
    if (before_ >= 0 && known_ < kMostCodes) {
        prefix_[known_] = static_cast<uint16_t>(before_);
        last_[known_] = static_cast<uint16_t>(at);
        ++known_;
        if (known_ == 1U << width_ && width_ < kWidest) ++width_;
    }
    before_ = static_cast<int>(code);
    first_of_before_ = at;
}

void GifCodes::read(uint8_t* numbers, size_t count) {
    while (count > 0) {
        if (pending_.empty()) take_string();
        const size_t part = std::min(count, pending_.size());
        std::reverse_copy(pending_.end() - static_cast<ptrdiff_t>(part), pending_.end(), numbers);
        pending_.resize(pending_.size() - part);
        numbers += part;
        count -= part;
    }
}

}  // namespace image_io
