#include "codec/enc_lossy_reconstruction.h"

#include <vector>

#include "lossy/dec_lossy.h"
#include "lossy/enc_lossy.h"

namespace residua::codec {

namespace {

template <typename Decode>
uint64_t reconstruct(const LossyRequest& request, Session& session, const Decode& decode) {
    const int threads = session.threads.size();
    session.progress.begin_phase(1);
    const std::vector<uint8_t> bpg = lossy::encode_bpg(
        request.picture, {request.q, request.bit_depth, request.effort, threads}, session.allocator);
    decode(bpg, threads);
    session.progress.finish();
    return bpg.size();
}

}  // namespace

uint64_t lossy_reconstruction(const LossyRequest& request, const MutablePictureView& out, Session& session) {
    return reconstruct(request, session, [&](std::span<const uint8_t> bpg, int threads) {
        lossy::decode_bpg(bpg, out, session.allocator, threads);
    });
}

uint64_t lossy_reconstruction(const LossyRequest& request, const FineView& out, Session& session) {
    return reconstruct(request, session, [&](std::span<const uint8_t> bpg, int threads) {
        lossy::decode_bpg_fine(bpg, out, session.allocator, threads);
    });
}

}  // namespace residua::codec
