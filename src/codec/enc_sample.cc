#include "codec/enc_sample.h"

#include <random>
#include <string>

#include "codec/dec_codec.h"
#include "codec/enc_picture.h"
#include "stages/enc_method.h"
#include "stages/enc_tiles.h"
#include "stages/methods.h"

namespace residua::codec {

namespace {

constexpr int kLanes = entropy::kMaxLanes;
constexpr int kLanesLog2 = 4;
static_assert(1 << kLanesLog2 == kLanes);
constexpr uint64_t kStateTop = uint64_t{1} << 62;  // makes any 62 bits a state of 8 bytes below 2^63

// The model to draw from.
const models::Registry::Entry& choose_model(const SampleRequest& request, const models::Registry& models,
                                            const EncoderOptions& options) {
    const Method* wanted = request.codec && *request.codec ? &method_named(request.codec) : nullptr;
    std::vector<models::ModelPreference> preferred;
    for (const Method* method : methods()) {
        const EncoderMethod& encoder = *method->encoder();
        if (wanted ? method != wanted : !encoder.available() || !encoder.draws_samples()) continue;
        encoder.check_available();
        preferred.push_back({method, encoder.default_model(options)});
    }
    return models.choose(request.model, wanted, preferred);
}

}  // namespace

TileStream RandomStreams::open(int stage, int tile, uint64_t symbols) const {
    std::seed_seq parts = {static_cast<uint32_t>(seed_), static_cast<uint32_t>(seed_ >> 32),
                           static_cast<uint32_t>(stage), static_cast<uint32_t>(tile)};
    std::mt19937_64 random(parts);
    // A symbol uses up kProbabilityBits bits at most, and states are filled by 32 bits at
    // a time. Of 2^20 symbols at most 2^10, as many as an alphabet has, are drawn again.
    const uint64_t drawn = symbols + symbols / 128 + 256;
    const uint64_t words = drawn * entropy::kProbabilityBits / 32 + kLanes + 1;
    constexpr size_t kHeader = 1 + kLanes / 2;
    Buffer<uint8_t> bytes(allocator_, kHeader + kLanes * sizeof(uint64_t) + words * sizeof(uint32_t));
    bytes[0] = kLanesLog2;
    std::fill_n(bytes.data() + 1, kLanes / 2, uint8_t{0x88});
    const auto put = [&bytes](size_t at, uint64_t value, size_t size) {
        for (size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<uint8_t>(value >> (8 * i));
    };
    size_t at = kHeader;
    for (int lane = 0; lane < kLanes; ++lane, at += 8) put(at, (random() >> 2) | kStateTop, 8);
    for (; at < bytes.size(); at += 4) put(at, random(), 4);
    const entropy::RansDecoder decoder(bytes.span());
    return {std::move(bytes), decoder, true};
}

Picture sample(const SampleRequest& request, const models::Registry& models, Session& session) {
    EncoderOptions asked;
    asked.q = request.q;
    asked.bit_depth = request.bit_depth;
    asked.effort = request.effort;
    asked.adaptation = Adaptation::kOff;  // it learns from what was decoded, and would follow what it drew
    const models::Registry::Entry& entry = choose_model(request, models, asked);
    const Method& method = method_of(entry);
    const models::Model& model = models.parsed(entry, method);
    const PictureKind kind = {request.picture.channels == 1 ? Colour::kGrey : Colour::kRgb, false, 8};
    const SourcePicture source(request.picture, kind, false, session.allocator);
    const EncoderMethod& encoder = *method.encoder();
    encoder.check_available();
    const EncoderOptions options = encoder.choose_options(asked, model, source.view(), session).first;
    const EncoderStages stages = encoder.stages(options, model);
    const int most = static_cast<int>(stages.size()) - 1;
    if (most == 0)
        throw Error(ErrorCode::kInvalidArgument,
                    std::string("the codec ") + method.name() +
                        " has one stage only: there is nothing to draw a sample from");
    if (request.kept < 0 || request.kept > most)
        throw Error(ErrorCode::kInvalidArgument, "this model has " + std::to_string(most) +
                                                     " stages that a sample can keep, not " +
                                                     std::to_string(request.kept));
    const auto kept = static_cast<size_t>(request.kept == 0 ? most : request.kept);

    Draft draft = begin_draft(method, model, source.kind(), kind, source.view(), options);
    draft.header.model_hash = entry.file.hash;
    Known known;
    double done = 0;
    for (size_t i = 0; i < kept; ++i) {
        session.progress.begin_phase(stages[i]->share() / 2);
        stages[i]->encode(source.view(), known, draft, session);
        done += stages[i]->share() / 2;
    }
    container::File file;
    file.header = draft.header;
    // The picture's own, as if it were coded: nothing is drawn that it does not have.
    file.header.alphabets = find_alphabets(
        source.view(), known.lossy ? SymbolBase(known.lossy->view()) : SymbolBase(), session.threads);
    draft = {};
    const RandomStreams streams(request.seed, session.allocator);
    const DecoderStages decoders = decoder_stages(file, streams, models);
    for (size_t i = kept; i < decoders.size(); ++i) {
        session.progress.begin_phase((1 - done) * decoders[i]->share());
        decoders[i]->decode(known, session);
    }
    Picture drawn = expand(source.kind(), std::move(*known.picture), session.allocator);
    session.progress.finish();
    return drawn;
}

}  // namespace residua::codec
