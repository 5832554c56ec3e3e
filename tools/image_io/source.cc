#include "image_io/source.h"

#include <algorithm>
#include <cstring>

namespace image_io {

size_t MemorySource::read(void* data, size_t size) {
    if (position_ >= bytes_.size()) return 0;
    const auto count = static_cast<size_t>(std::min<uint64_t>(size, bytes_.size() - position_));
    if (count > 0) std::memcpy(data, bytes_.data() + position_, count);
    position_ += count;
    return count;
}

size_t PartSource::read(void* data, size_t size) {
    if (position_ >= size_) return 0;
    whole_.seek(begin_ + position_);
    const size_t count = whole_.read(data, static_cast<size_t>(std::min<uint64_t>(size, size_ - position_)));
    position_ += count;
    return count;
}

FileSource::FileSource(File file) : file_(std::move(file)) {
    if (fseeko(file_.get(), 0, SEEK_END) == 0)
        size_ = static_cast<uint64_t>(std::max<off_t>(0, ftello(file_.get())));
    failed_ = fseeko(file_.get(), 0, SEEK_SET) != 0;
}

size_t FileSource::read(void* data, size_t size) {
    const size_t count = std::fread(data, 1, size, file_.get());
    failed_ |= std::ferror(file_.get()) != 0;
    position_ += count;
    return count;
}

void FileSource::seek(uint64_t position) {
    if (position == position_) return;  // would empty the stream's buffer
    // Beyond what a file can have there is nothing to read.
    const auto offset = static_cast<off_t>(std::min<uint64_t>(position, size_));
    failed_ |= fseeko(file_.get(), offset, SEEK_SET) != 0;
    position_ = static_cast<uint64_t>(offset);
}

}  // namespace image_io
