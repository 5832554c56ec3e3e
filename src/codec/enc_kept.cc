#include "codec/enc_kept.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/checksum.h"
#include "base/stage_profile.h"
#include "codec/dec_codec.h"
#include "codec/dec_kept.h"
#include "stages/enc_method.h"
#include "stages/methods.h"

namespace residua::codec {

namespace {

using Care = EncoderMethod::Care;

constexpr double kProofShare = 0.5;

Buffer<uint8_t> write(const Draft& draft, Allocator& allocator) {
    container::File file;
    file.header = draft.header;
    file.payload = draft.payload.bytes;
    for (const auto& stage : draft.streams) {
        auto& streams = file.streams.emplace_back();
        for (const CountedBytes& stream : stage) streams.push_back(stream.bytes);
    }
    return container::write(file, allocator);
}

Buffer<uint8_t> keep_as(std::span<const uint8_t> bytes, int effort, Care care, Session& session) {
    const Method& method = keeping_method();
    const StageScope stage(Stage::kBlocks);
    EncoderMethod::Kept kept = method.encoder()->keep(bytes, effort, care, session);
    kept.draft.header.kept_checksum = checksum64(bytes);
    if (kept.picture) kept.draft.header.pixel_checksum = pixel_checksum(kept.picture->view());
    kept.picture.reset();
    return write(kept.draft, session.allocator);
}

Buffer<uint8_t> keep_smaller(std::span<const uint8_t> bytes, int effort, Care care, Session& session) {
    Buffer<uint8_t> file = keep_as(bytes, effort, care, session);
    if (file.size() >= bytes.size()) {
        Buffer<uint8_t> whole = keep_as(bytes, effort, Care::kWhole, session);
        if (whole.size() < file.size()) file = std::move(whole);
    }
    return file;
}

// What is wrong with it; nothing where the bytes come back.
std::optional<std::string> fault_of(std::span<const uint8_t> file, std::span<const uint8_t> bytes,
                                    Session& session) {
    const WorkScope proof(session.clock, Work::kProof);
    try {
        const Buffer<uint8_t> again = restore(file, session);
        if (std::ranges::equal(again.span(), bytes)) return {};
        return "its bytes";
    } catch (const Error& error) {
        if (error.code() != ErrorCode::kCorrupt && error.code() != ErrorCode::kTruncated) throw;
        return error.what();
    }
}

}  // namespace

Buffer<uint8_t> keep(std::span<const uint8_t> bytes, int effort, Session& session) {
    session.progress.begin_phase(1 - kProofShare);
    Buffer<uint8_t> file = keep_smaller(bytes, effort, Care::kQuick, session);
    session.progress.begin_phase(kProofShare);
    std::optional<std::string> fault = fault_of(file.span(), bytes, session);
    if (fault) {
        // Some codes of the JPEG's have no shortest form. That costs twice the time, and few files have any.
        file = {};
        file = keep_smaller(bytes, effort, Care::kChecked, session);
        fault = fault_of(file.span(), bytes, session);
    }
    if (fault) proof_failed(*fault);
    session.progress.finish();
    return file;
}

}  // namespace residua::codec
