#include "jpeg/enc_dissect.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <tuple>

#include "jpeg/enc_scan_reader.h"
#include "jpeg/header_reader.h"
#include "jpeg/scan_writer.h"

namespace residua::jpeg {

namespace {

// A JPEG of fewer bytes inside of a file is not worth a description.
constexpr uint64_t kLeastBytes = 64;
// Blocks that a byte can hold, at a code of one bit for each; and those for which there is memory in any
// case, since a file may have been cut.
constexpr uint64_t kMostBlocksOfByte = 8, kBlocks = 1 << 19;
// Places that look like a JPEG's beginning and are none cost time: as many bytes, and blocks of pictures that
// they claim to have, as this times the file's bytes.
constexpr uint64_t kMostWork = 4;

struct Range {
    size_t begin, end;
};

class Finder {
  public:
    Finder(std::span<const uint8_t> file, Allocator& allocator, ScanCheck check)
        : file_(file), allocator_(allocator), check_(check) {}

    Dissection run() {
        try_at(0, file_.size());
        for (size_t at = 2; (at = next_start(at)) < file_.size() && work_ <= kMostWork * file_.size();) {
            const auto behind = std::ranges::upper_bound(taken_, at, {}, &Range::begin);
            if (behind != taken_.begin() && at < std::prev(behind)->end) {
                at = std::prev(behind)->end;
                continue;
            }
            try_at(at, behind == taken_.end() ? file_.size() : behind->begin);
            at += 2;
        }
        std::ranges::sort(found_.jpegs, {}, [](const JpegPart& part) {
            return std::tuple(part.scans[0].start, part.scans[0].recipe.size, part.start);
        });
        return std::move(found_);
    }

  private:
    size_t next_start(size_t at) const {
        while (at + 3 <= file_.size()) {
            const void* found = std::memchr(file_.data() + at, 0xFF, file_.size() - at - 2);
            if (!found) break;
            at = static_cast<size_t>(static_cast<const uint8_t*>(found) - file_.data());
            if (file_[at + 1] == 0xD8 && file_[at + 2] == 0xFF) return at;
            ++at;
        }
        return file_.size();
    }

    void try_at(size_t start, size_t end) {
        if (file_.size() < 4 || file_[start] != 0xFF || file_[start + 1] != 0xD8) return;
        std::optional<JpegPart> part = read(start, file_.first(end));
        if (!part) return;
        if ((start > 0 || check_ == ScanCheck::kAll) && !comes_back(*part)) return;
        // No scan that is taken lies between them: reading ended before the next one.
        std::vector<Range> ranges;
        for (const JpegPart::ScanPart& scan : part->scans)
            ranges.push_back({scan.start, scan.start + static_cast<size_t>(scan.recipe.size)});
        taken_.insert(std::ranges::upper_bound(taken_, start, {}, &Range::begin), ranges.begin(),
                      ranges.end());
        found_.jpegs.push_back(std::move(*part));
    }

    std::optional<JpegPart> read(size_t start, std::span<const uint8_t> bytes) {
        JpegPart part;
        part.start = start;
        HeaderReader header(start, 0);
        if (!header.next_scan(bytes)) {
            part.height = height_behind(bytes, start);
            header = HeaderReader(start, part.height);
            if (part.height == 0 || !header.next_scan(bytes)) {
                work_ += header.position() - start;
                return {};
            }
        }
        part.frame = header.frame();
        if (part.frame.blocks() > std::max(kBlocks, kMostBlocksOfByte * (bytes.size() - start))) return {};
        if (start > 0) work_ += part.frame.blocks();
        part.allocate(allocator_);
        const std::vector<int16_t*> coefficients = part.coefficients();
        uint64_t size = 0;
        do {
            ScanRecipe recipe =
                read_scan(bytes, header.position(), header.frame(), header.scan(), coefficients);
            if (recipe.mcus == 0 || (recipe.size == 0 && !part.frame.arithmetic())) break;
            size += recipe.size;
            part.frame = header.frame();
            part.add(header.position(), header.scan(), std::move(recipe), allocator_);
            header.go_on_at(header.position() + static_cast<size_t>(part.scans.back().recipe.size));
        } while (header.next_scan(bytes));
        work_ += header.position() - start;
        if (part.scans.empty() || (start > 0 && size < kLeastBytes)) return {};
        return part;
    }

    // Of a header that gives the height behind the first scan: B.2.5.
    static int height_behind(std::span<const uint8_t> bytes, size_t start) {
        static constexpr uint8_t kDnl[] = {0xFF, 0xDC, 0, 4};
        const auto found = std::search(bytes.begin() + static_cast<ptrdiff_t>(start), bytes.end(),
                                       std::begin(kDnl), std::end(kDnl));
        return bytes.end() - found < 6 ? 0 : found[4] << 8 | found[5];
    }

    // The coefficients give the scans again, as far as they were read: some codes have no shortest form.
    bool comes_back(JpegPart& part) const {
        const std::vector<int16_t*> coefficients = part.coefficients();
        for (const JpegPart::ScanPart& scan : part.scans) {
            const auto original = file_.subspan(scan.start, static_cast<size_t>(scan.recipe.size));
            Buffer<uint8_t> again(allocator_, scan.recipe.size);
            try {
                write_scan(part.frame, scan.scan, scan.recipe, coefficients, again.span());
            } catch (const Error& error) {
                if (error.code() != ErrorCode::kCorrupt) throw;
                return false;
            }
            if (!std::ranges::equal(again.span(), original)) return false;
        }
        return true;
    }

    const std::span<const uint8_t> file_;
    Allocator& allocator_;
    const ScanCheck check_;
    Dissection found_;
    std::vector<Range> taken_;  // by scans, in order
    uint64_t work_ = 0;
};

// Whether a reader finds the same places: other JPEGs' scans, which it has not yet, may lie between markers.
bool reads_the_same(const Dissection& dissection, std::span<const uint8_t> file, Allocator& allocator) {
    const Buffer<uint8_t> foreign = foreign_bytes(dissection, file, allocator);
    Buffer<uint8_t> again(allocator, file.size());
    try {
        const Dissection read =
            read_structure(write_structure(dissection), foreign.span(), again.span(), allocator);
        const auto same_scan = [](const JpegPart::ScanPart& a, const JpegPart::ScanPart& b) {
            return a.start == b.start && a.recipe.size == b.recipe.size;
        };
        const auto same = [&](const JpegPart& a, const JpegPart& b) {
            return a.start == b.start && std::ranges::equal(a.scans, b.scans, same_scan);
        };
        return std::ranges::equal(read.jpegs, dissection.jpegs, same);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::kCorrupt && error.code() != ErrorCode::kTruncated) throw;
        return false;
    }
}

}  // namespace

Dissection dissect(std::span<const uint8_t> file, Allocator& allocator, ScanCheck check) {
    Dissection found = Finder(file, allocator, check).run();
    if (reads_the_same(found, file, allocator)) return found;
    // Those that lie within others do it.
    if (found.jpegs.size() > 1) {
        const auto first = std::ranges::min_element(found.jpegs, {}, &JpegPart::start);
        Dissection one;
        one.jpegs.push_back(std::move(*first));
        if (reads_the_same(one, file, allocator)) return one;
    }
    return {};
}

std::vector<uint8_t> write_structure(const Dissection& dissection) {
    ByteWriter writer;
    size_t at = 0, known = 0;
    for (const ScanPlace& place : scans_in_order(dissection)) {
        const JpegPart& jpeg = dissection.jpegs[place.part];
        const JpegPart::ScanPart& scan = jpeg.scans[place.scan];
        writer.varint(scan.start - at);
        writer.varint(place.part);
        if (place.part == known) {
            ++known;
            writer.varint(scan.start - jpeg.start);
            writer.varint(static_cast<uint64_t>(jpeg.height));
        }
        write_recipe(writer, scan.recipe, scan_size(jpeg.frame, scan.scan));
        at = scan.start + static_cast<size_t>(scan.recipe.size);
    }
    return std::move(writer.bytes);
}

Buffer<uint8_t> foreign_bytes(const Dissection& dissection, std::span<const uint8_t> file,
                              Allocator& allocator) {
    const std::vector<ScanPlace> places = scans_in_order(dissection);
    const auto scan_of = [&](const ScanPlace& place) -> const JpegPart::ScanPart& {
        return dissection.jpegs[place.part].scans[place.scan];
    };
    uint64_t size = file.size();
    for (const ScanPlace& place : places) size -= scan_of(place).recipe.size;
    Buffer<uint8_t> foreign(allocator, size);
    uint8_t* to = foreign.data();
    size_t at = 0;
    const auto copy_to = [&](size_t end) {
        to = std::copy(file.begin() + static_cast<ptrdiff_t>(at), file.begin() + static_cast<ptrdiff_t>(end),
                       to);
    };
    for (const ScanPlace& place : places) {
        const JpegPart::ScanPart& scan = scan_of(place);
        copy_to(scan.start);
        at = scan.start + static_cast<size_t>(scan.recipe.size);
    }
    copy_to(file.size());
    return foreign;
}

}  // namespace residua::jpeg
