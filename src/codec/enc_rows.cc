#include "codec/enc_rows.h"

#include <algorithm>

#include "container/strips.h"
#include "stages/methods.h"

namespace residua::codec {

namespace {

// Smaller pictures stay one file.
constexpr int64_t kLargestWholePixels = int64_t{12} << 20;
constexpr int64_t kStripPixels = int64_t{8} << 20;

int round_up(int64_t rows, int64_t unit) { return static_cast<int>((rows + unit - 1) / unit * unit); }

// The written head says what was meant.
void prove_head(const container::StripHead& head, std::span<const uint8_t> bytes) {
    MemoryInput input(bytes);
    input.take(container::kVersionBytes);
    const container::StripReader reader(input, file_methods());
    const container::StripHead& read = reader.head();
    if (read.picture != head.picture || read.width != head.width || read.height != head.height ||
        read.strip_height != head.strip_height || !container::same_metadata(read.metadata, head.metadata) ||
        container::version_of(bytes) != container::FileVersion::kStrips)
        proof_failed("its header");
}

void encode_strips(const RowSource& source, EncodeRequest request, int strip_height,
                   const models::Registry& models, Session& session, const FileReceiver& receiver) {
    const container::StripHead head = {source.kind, source.width, source.height, strip_height,
                                       request.metadata};
    Buffer<uint8_t> head_bytes = container::write_strip_head(head, session.allocator);
    prove_head(head, head_bytes.span());
    request.metadata = {};
    for (int strip = 0; strip < head.count(); ++strip) {
        session.progress.begin_phase(0);  // what is reported while a strip is read does not fall behind
        request.picture = source.read(head.first_row(strip), head.rows(strip));
        Buffer<uint8_t> file =
            encode_whole(request, models, session, static_cast<double>(head.rows(strip)) / head.height);
        // Not before the first strip is right: most errors come before that.
        if (strip == 0) receiver(std::move(head_bytes));  // NOLINT(bugprone-use-after-move): once
        receiver(copy(container::write_part_head(strip, file.size()), session.allocator));
        receiver(std::move(file));
    }
}

}  // namespace

int choose_strip_height(uint64_t asked, const Method& method, int width, int height) {
    const int64_t unit = container::strip_unit(width);
    if (asked % static_cast<uint64_t>(unit) != 0)
        throw Error(ErrorCode::kInvalidArgument, "the height of strips must be a multiple of 16 rows");
    if (asked > 0) return asked < static_cast<uint64_t>(height) ? static_cast<int>(asked) : 0;
    if (!method.encoder()->cuts_into_strips() || int64_t{width} * height <= kLargestWholePixels) return 0;
    const int64_t most_rows = std::max<int64_t>(kStripPixels / width / unit, 1) * unit;
    const int64_t strips = (height + most_rows - 1) / most_rows;
    const int rows = round_up((height + strips - 1) / strips, unit);
    return rows < height ? rows : 0;
}

void encode_rows(const RowSource& source, EncodeRequest request, uint64_t strip_height,
                 const models::Registry& models, Session& session, const FileReceiver& receiver) {
    request.kind = source.kind;
    const int rows = choose_strip_height(strip_height, method_of(choose_model(request, models)), source.width,
                                         source.height);
    if (rows > 0) {
        encode_strips(source, request, rows, models, session, receiver);
    } else {
        request.picture = source.read(0, source.height);
        receiver(encode_whole(request, models, session, 1));
    }
    session.progress.finish();
}

}  // namespace residua::codec
