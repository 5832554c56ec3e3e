#include "jpeg/dissection.h"

#include <algorithm>
#include <tuple>

#include "base/bytes.h"
#include "jpeg/header_reader.h"
#include "jpeg/scan_writer.h"

namespace residua::jpeg {

namespace {

// A list that grows takes up to so many times what is in it: twice, and what it had before.
constexpr uint64_t kGrowth = 3;
// Of a recipe's lists, for each byte that is read (recipe.h).
constexpr uint64_t kMostOfByte = kGrowth * sizeof(uint64_t);

[[noreturn]] void damaged() {
    throw Error(ErrorCode::kCorrupt, "the file is damaged: what it says of its JPEGs cannot be");
}

}  // namespace

void JpegPart::add(size_t begin, const Scan& scan, ScanRecipe recipe, Allocator& allocator) {
    auto counted = std::make_unique<Reservation>(
        allocator, kGrowth * (sizeof(ScanPart) + sizeof(JpegPart) + kMostComponents * sizeof(Component) +
                              recipe.memory()));
    scans.push_back({begin, scan, std::move(recipe), std::move(counted)});
}

void JpegPart::allocate(Allocator& allocator) {
    planes.clear();
    for (const Component& c : frame.components)
        planes.emplace_back(allocator, product(c.blocks(), 64), int16_t{0});
}

std::vector<int16_t*> JpegPart::coefficients() {
    std::vector<int16_t*> all;
    for (Buffer<int16_t>& plane : planes) all.push_back(plane.data());
    return all;
}
std::vector<const int16_t*> JpegPart::coefficients() const {
    std::vector<const int16_t*> all;
    for (const Buffer<int16_t>& plane : planes) all.push_back(plane.data());
    return all;
}

bool JpegPart::whole() const {
    return std::ranges::all_of(scans, [this](const ScanPart& part) {
        return part.recipe.mcus == mcu_grid(frame, part.scan).count();
    });
}

std::vector<ScanPlace> scans_in_order(const Dissection& dissection) {
    std::vector<ScanPlace> places;
    for (size_t part = 0; part < dissection.jpegs.size(); ++part)
        for (size_t scan = 0; scan < dissection.jpegs[part].scans.size(); ++scan)
            places.push_back({part, scan});
    std::ranges::sort(places, {}, [&](const ScanPlace& place) {
        const JpegPart::ScanPart& scan = dissection.jpegs[place.part].scans[place.scan];
        return std::tuple(scan.start, scan.recipe.size, place.part);
    });
    return places;
}

Dissection read_structure(std::span<const uint8_t> structure, std::span<const uint8_t> foreign,
                          std::span<uint8_t> file, Allocator& allocator) {
    const Reservation lists(allocator, product(kMostOfByte, structure.size()));
    std::ranges::fill(file, uint8_t{0});
    Dissection dissection;
    std::vector<HeaderReader> headers;
    std::vector<std::unique_ptr<Reservation>> counted;  // headers
    ByteReader reader(structure, "description of the file's JPEGs");
    ByteReader bytes(foreign, "list of the file's bytes");
    size_t at = 0;
    const auto copy = [&](uint64_t count) {
        const auto part = bytes.take(count);
        if (part.size() > file.size() - at) damaged();
        std::ranges::copy(part, file.begin() + static_cast<ptrdiff_t>(at));
        at += part.size();
    };
    while (!reader.at_end()) {
        copy(reader.varint());
        const uint64_t number = reader.varint_in(0, headers.size(), "number of a JPEG");
        const auto part = static_cast<size_t>(number);
        if (part == headers.size()) {
            const uint64_t before = reader.varint_in(2, at, "place of a JPEG");
            counted.push_back(std::make_unique<Reservation>(
                allocator, kGrowth * (sizeof(HeaderReader) + kMostComponents * sizeof(Component))));
            JpegPart jpeg;
            jpeg.start = at - static_cast<size_t>(before);
            jpeg.height = static_cast<int>(reader.varint_in(0, 65535, "height"));
            headers.emplace_back(jpeg.start, jpeg.height);
            dissection.jpegs.push_back(std::move(jpeg));
        }
        HeaderReader& header = headers[part];
        if (!header.next_scan(file.first(at)) || header.position() != at) damaged();
        JpegPart& jpeg = dissection.jpegs[part];
        jpeg.frame = header.frame();
        const Scan& scan = header.scan();
        ScanRecipe recipe = read_recipe(reader, scan_size(jpeg.frame, scan));
        // Of zeros alone, arithmetic coding leaves nothing.
        if ((recipe.size == 0 && !jpeg.frame.arithmetic()) || recipe.size > file.size() - at) damaged();
        jpeg.add(at, scan, std::move(recipe), allocator);
        at += static_cast<size_t>(jpeg.scans.back().recipe.size);
        header.go_on_at(at);
    }
    copy(bytes.remaining());
    if (at != file.size()) damaged();
    return dissection;
}

void write_scans(Dissection& dissection, std::span<uint8_t> file) {
    for (JpegPart& jpeg : dissection.jpegs) {
        const std::vector<int16_t*> coefficients = jpeg.coefficients();
        for (const JpegPart::ScanPart& part : jpeg.scans)
            write_scan(jpeg.frame, part.scan, part.recipe, coefficients,
                       file.subspan(part.start, static_cast<size_t>(part.recipe.size)));
    }
}

}  // namespace residua::jpeg
