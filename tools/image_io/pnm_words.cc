#include "image_io/pnm_words.h"

#include <algorithm>

#include "image_io/source_bytes.h"

namespace image_io {

std::string PnmWords::word() {
    skip();
    std::string text;
    for (; next_ >= 0 && !is_pnm_space(next_) && next_ != '#' && text.size() < 64; advance())
        text += static_cast<char>(next_);
    if (text.empty()) damaged("the PNM header ends too early");
    return text;
}

uint32_t PnmWords::number() {
    const std::string text = word();
    if (text.size() > 10 || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }))
        damaged("the PNM header has '" + shown(text) + "' where a number belongs");
    return static_cast<uint32_t>(std::min<uint64_t>(std::stoull(text), UINT32_MAX));
}

std::string PnmWords::line() {
    std::string text;
    while (next_ == ' ' || next_ == '\t') advance();
    for (; next_ >= 0 && next_ != '\n' && text.size() < 256; advance()) text += static_cast<char>(next_);
    while (!text.empty() && is_pnm_space(text.back())) text.pop_back();
    return text;
}

uint32_t PnmWords::digit() {
    skip();
    if (next_ != '0' && next_ != '1') damaged("the PNM picture ends too early, or has something but 0 and 1");
    const uint32_t value = static_cast<uint32_t>(next_ - '0');
    advance();
    return value;
}

uint32_t PnmWords::sample(uint32_t maximum) {
    skip();
    if (next_ < '0' || next_ > '9') damaged("the PNM picture ends too early, or has something but numbers");
    uint32_t value = 0;
    for (; next_ >= '0' && next_ <= '9'; advance()) {
        value = value * 10 + static_cast<uint32_t>(next_ - '0');
        if (value > maximum) damaged("the PNM picture has a sample above its largest value");
    }
    return value;
}

uint64_t PnmWords::next_word() {
    skip();
    return position();
}

void PnmWords::return_to(uint64_t position) {
    keeps_comments_ = false;
    source_.seek(position);
    used_ = size_ = 0;
    advance();
}

uint64_t PnmWords::behind_header() {
    if (next_ == '#') take_comment();
    return position() + 1;
}

void PnmWords::skip() {
    for (;;) {
        while (is_pnm_space(next_)) advance();
        if (next_ != '#') return;
        take_comment();
    }
}

// Up to the end of its line.
void PnmWords::take_comment() {
    std::string comment;
    for (advance(); next_ >= 0 && next_ != '\n'; advance()) {
        if (!keeps_comments_) continue;
        comment += static_cast<char>(next_);
        if (comment.size() % 4096 == 0) check_memory(kept_ + comment.size(), options_.max_bytes);
    }
    kept_ += comment.size();
    if (keeps_comments_) picture_.add_part("pnm:comment", as_bytes(comment));
}

void PnmWords::advance() {
    if (used_ == size_) {
        options_.check_interrupted();
        base_ = source_.position();
        size_ = source_.read(buffer_, sizeof buffer_);
        used_ = 0;
    }
    next_ = used_ < size_ ? buffer_[used_++] : -1;
}

}  // namespace image_io
