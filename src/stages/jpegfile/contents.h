// What a file that keeps another file's bytes holds: JPEGs as their coefficients, everything else as a string
// of bytes. docs/format-jpeg.md.
#pragma once

#include <functional>

#include "base/session.h"
#include "container/container.h"
#include "jpeg/coefficients/layout.h"
#include "jpeg/dissection.h"
#include "stages/stage.h"

namespace residua::codec {

// The stages of the main JPEG, that at the beginning of the file. Its streams are those of the container; the
// others' are in the payload.
enum KeptStage : size_t { kDcStage = 0, kAcStage = 1 };
constexpr int kKeptStages = 2;

// How its coefficients are coded.
jpeg::Layout coefficient_layout(const jpeg::JpegPart& part, jpeg::Effort effort);

// What the header's effort says: that of the coefficients' coder, and what the string of bytes begins with.
inline constexpr int kMetadataBeginning = 4;
inline constexpr int kLastKeptEffort = static_cast<int>(jpeg::kLastEffort) + kMetadataBeginning;
jpeg::Effort coder_effort_of(const container::Header& header);
std::vector<uint8_t> kept_beginning(const container::Header& header);

// What the coefficient coder needs of memory for each thread, beside the coefficients.
uint64_t coder_memory(jpeg::Effort effort);

class KeptContents {
  public:
    // Reads all but the coefficients. The file must outlive this. Throws kCorrupt, kTruncated, kMemoryLimit.
    KeptContents(const container::File& file, Allocator& allocator);

    jpeg::Dissection& dissection() { return dissection_; }
    // Null where the file does not begin with a JPEG.
    jpeg::JpegPart* main() { return dissection_.main(); }

    // Of the main JPEG: its DCs, which its AC streams need, then all its coefficients. Other coefficients are
    // 0 meanwhile. Throws kCorrupt, kTruncated.
    void decode_main_dc(Session& session);
    void decode_main_ac(Session& session);

    // By component, between the two.
    const std::vector<Buffer<int16_t>>& main_dc() const { return streams_[main_part()].dcs; }

    // Of the main JPEG; null where there is none.
    std::shared_ptr<const KeptMetadata> metadata(Allocator& allocator) const;

    // The whole file. decode_main_…() must not have been called. Throws kCorrupt, also where the file's
    // checksum differs.
    Buffer<uint8_t> restore(Session& session);

  private:
    struct Streams {
        jpeg::Layout layout;
        std::vector<std::span<const uint8_t>> dc, ac;
        std::vector<Buffer<int16_t>> dcs;  // by component
    };

    Streams read_streams(const jpeg::JpegPart& part, ByteReader* payload) const;
    void decode_dc(size_t part, Session& session);
    // Reports from `begin` to `end` of the progress's phase. behind(b) is called, by one thread at a time, when
    // bands 0 … b − 1 are there.
    void decode_ac(size_t part, double begin, double end, Session& session,
                   const std::function<void(int)>& behind);
    void restore_part(size_t part, double begin, double end, Session& session);
    size_t main_part() const;

    const container::File& file_;
    Buffer<uint8_t> bytes_;  // of the file; zeros where scans lie
    jpeg::Dissection dissection_;
    std::vector<Streams> streams_;  // by JPEG
};

}  // namespace residua::codec
