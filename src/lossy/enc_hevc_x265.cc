#include <sys/mman.h>
#include <x265.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <mutex>
#include <string>

#include "base/error.h"
#include "base/memory.h"
#include "lossy/enc_hevc.h"
#include "lossy/hevc_nal.h"
#include "lossy/startable_threads.h"

namespace residua::lossy {
namespace {

Error out_of_memory() { return Error(ErrorCode::kOutOfMemory, "out of memory in the HEVC encoder"); }

Error internal(const char* what) {
    return Error(ErrorCode::kInternal, std::string("the HEVC encoder ") + what);
}

// The library says that it failed, never why. Where errno was 0 before the call, and nothing came between it
// and this, what ran out of memory can be told.
Error failure(const char* what) { return errno == ENOMEM ? out_of_memory() : internal(what); }

// Presets that differ for a single intra picture; "veryslow" and "placebo" bring nothing over "slower"
// (docs/lab/lossy-layer.md has the table).
const char* preset(int effort) {
    static constexpr const char* kPresets[9] = {"ultrafast", "superfast", "veryfast", "medium", "slow",
                                                "slower",    "slower",    "slower",   "slower"};
    return kPresets[std::clamp(effort, 1, 9) - 1];
}

// Wavefronts let encoder and decoder use several threads. They depend on the size alone, so that the bytes
// are the same for any number of threads; small pictures are spared their cost (some bytes a row of blocks).
bool uses_wavefronts(const PlanesView& planes) {
    return static_cast<int64_t>(planes.width) * planes.height >= 1 << 20;
}

// The threads for wavefronts, at most `wanted`; beside them the library has one of its own, and waits for
// ever for any that it cannot start.
int wavefront_threads(bool wavefronts, int wanted) {
    const int pool = wavefronts ? wanted : 0, started = startable_threads(pool + 1);
    if (started < (wavefronts ? 2 : 1))
        throw Error(ErrorCode::kOutOfMemory,
                    "the HEVC encoder can start no thread: raise the limit of processes and threads "
                    "(ulimit -u) or of memory, or choose another codec than rc");
    return std::min(pool, started - 1);
}

uint64_t plane_bytes(const PlanesView& planes) {
    return product(planes.count, planes.width, planes.height, planes.bit_depth > 8 ? 2 : 1);
}

// Where its memory cannot be had at all, the library might notice in a thread that has no way to say so.
void check_memory(uint64_t bytes) {
    const auto size = static_cast<size_t>(bytes);
    void* memory = size == bytes
                       ? mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                       : MAP_FAILED;
    if (memory == MAP_FAILED) throw out_of_memory();
    munmap(memory, size);
}

// `pools` must outlive the encoder: set directly because
// x265 3.5 never frees the copy that param_parse makes.
void configure(const x265_api& api, x265_param* param, const PlanesView& planes,
               const HevcEncoderOptions& options, const char* pools) {
    errno = 0;
    if (api.param_default_preset(param, preset(options.effort), nullptr) != 0)
        throw failure("does not know its presets");
    const int side = std::min(planes.width, planes.height);
    param->logLevel = X265_LOG_NONE;
    param->sourceWidth = planes.width;
    param->sourceHeight = planes.height;
    param->sourceBitDepth = planes.bit_depth;
    param->internalCsp = planes.count == 3 ? X265_CSP_I444 : X265_CSP_I400;
    param->fpsNum = param->fpsDenom = 1;
    param->totalFrames = 1;
    param->maxCUSize = std::min<uint32_t>(param->maxCUSize, side >= 64 ? 64 : side >= 32 ? 32 : 16);
    param->minCUSize = kHevcBlock;
    param->maxTUSize = std::min(param->maxTUSize, param->maxCUSize);

    param->rc.rateControlMode = X265_RC_CQP;
    param->rc.qp = options.q;
    param->rc.ipFactor = 1;  // with x265's 1.4 an intra picture is coded at QP − 3
    param->rc.pbFactor = 1;
    param->rc.aqMode = X265_AQ_NONE;
    param->rc.cuTree = 0;
    param->psyRd = 0;
    param->psyRdoq = 0;
    param->cbQpOffset = param->crQpOffset = 0;

    param->keyframeMax = -1;  // with 1, x265 repeats the PPS
    param->bframes = 0;
    param->lookaheadDepth = 1;  // with 0 the planes handed in stay in use until the end
    param->scenecutThreshold = 0;
    param->maxNumReferences = 1;
    param->bEnableTemporalSubLayers = 0;
    param->bEnableWeightedPred = param->bEnableWeightedBiPred = 0;

    param->bAnnexB = 1;
    param->bRepeatHeaders = 0;
    param->bEmitInfoSEI = 0;
    param->decodedPictureHashSEI = 0;
    param->bEnableAccessUnitDelimiters = 0;
    param->bEmitVUITimingInfo = param->bEmitVUIHRDInfo = 0;
    param->levelIdc = 0;
    param->bAllowNonConformance = 1;

    param->frameNumThreads = 1;
    param->lookaheadSlices = 0;
    param->bEnableWavefront = uses_wavefronts(planes);
    param->bDistributeModeAnalysis = param->bDistributeMotionEstimation = 0;
    param->numaPools = pools;
}

void append(std::vector<uint8_t>& bytes, const uint8_t* begin, size_t count) {
    bytes.insert(bytes.end(), begin, begin + count);
}

// The encoder's bytes without VPS and SPS; the SPS is parsed on the way.
void collect(const x265_nal* nals, uint32_t count, HevcStream& stream) {
    for (uint32_t i = 0; i < count; ++i) {
        const auto parts = split_nals({nals[i].payload, nals[i].sizeBytes});
        if (parts.size() != 1) throw internal("wrote a malformed NAL unit");
        const auto nal = parts[0];
        switch (nal_type(nal)) {
            case kNalVps:
                break;
            case kNalSps:
                stream.sps = read_encoder_sps(nal);
                break;
            case kNalPps:
            case kNalIdr:
            case kNalIdrWithRadl:
                if (!stream.data.empty()) {
                    constexpr uint8_t kStartCode[3] = {0, 0, 1};
                    append(stream.data, kStartCode, 3);
                }
                append(stream.data, nal.data(), nal.size());
                break;
            default:
                throw internal("wrote an unexpected NAL unit");
        }
    }
}

void report_recon(const x265_picture& picture, const PlanesView& source,
                  const std::function<void(const PlanesView&)>& recon) {
    PlanesView planes = source;
    for (int i = 0; i < planes.count; ++i) {
        planes.plane[i] = picture.planes[i];
        planes.stride[i] = picture.stride[i];
    }
    recon(planes);
}

}  // namespace

bool has_hevc_encoder() { return true; }
void require_hevc_encoder() {}

HevcStream encode_hevc(const PlanesView& planes, const HevcEncoderOptions& options,
                       const HevcEncoderHooks& hooks) {
    const x265_api* api = x265_api_get(planes.bit_depth);
    if (!api || api->sizeof_param != sizeof(x265_param) || api->sizeof_picture != sizeof(x265_picture))
        throw Error(ErrorCode::kUnsupported, "the installed libx265 cannot encode " +
                                                 std::to_string(planes.bit_depth) + "-bit pictures");
    const std::unique_ptr<x265_param, void (*)(x265_param*)> param(api->param_alloc(), api->param_free);
    const std::unique_ptr<x265_picture, void (*)(x265_picture*)> input(api->picture_alloc(),
                                                                       api->picture_free);
    const std::unique_ptr<x265_picture, void (*)(x265_picture*)> output(api->picture_alloc(),
                                                                        api->picture_free);
    if (param) api->param_default(param.get());  // which param_free needs, too
    if (!param || !input || !output) throw out_of_memory();
    std::string pools;  // outlives the encoder
    // x265 fills tables of function pointers when the first encoder is opened, without a lock of its own: the
    // mutex serves that, too.
    const auto close = [api](x265_encoder* encoder) {
        const std::lock_guard lock(thread_start_mutex());
        api->encoder_close(encoder);
    };
    std::unique_ptr<x265_encoder, decltype(close)> encoder(nullptr, close);
    {
        const std::lock_guard lock(thread_start_mutex());
        const int threads = wavefront_threads(uses_wavefronts(planes), options.threads);
        const uint64_t needed =
            hevc_encoder_memory(planes.width, planes.height, planes.count, planes.bit_depth, threads);
        // What is needed at the peak, when planes that a hook frees are gone: here they are there yet.
        check_memory(hooks.input_copied ? needed - plane_bytes(planes) : needed);
        pools = threads > 0 ? std::to_string(threads) : "none";
        configure(*api, param.get(), planes, options, pools.c_str());
        errno = 0;
        encoder.reset(api->encoder_open(param.get()));
        if (!encoder) throw failure("refused the picture");
    }

    HevcStream stream;
    x265_nal* nals = nullptr;
    uint32_t count = 0;
    errno = 0;
    if (api->encoder_headers(encoder.get(), &nals, &count) < 0) throw failure("wrote no headers");
    collect(nals, count, stream);

    api->picture_init(param.get(), input.get());
    input->bitDepth = planes.bit_depth;
    input->colorSpace = param->internalCsp;
    input->sliceType = X265_TYPE_IDR;
    for (int i = 0; i < planes.count; ++i) {
        input->planes[i] = const_cast<void*>(planes.plane[i]);
        input->stride[i] = static_cast<int>(planes.stride[i]);
    }
    // Whether the picture came out.
    const auto encode = [&](x265_picture* picture) {
        errno = 0;
        const int produced = api->encoder_encode(encoder.get(), &nals, &count, picture, output.get());
        if (produced < 0 || (produced > 0 && count == 0)) throw failure("failed");
        return produced > 0;
    };
    bool done = encode(input.get());
    if (hooks.input_copied) hooks.input_copied();
    while (!done) done = encode(nullptr);
    collect(nals, count, stream);

    const HevcFormat expected = {planes.count == 3 ? 3 : 0, planes.bit_depth, planes.width, planes.height};
    if (stream.sps.format != expected) throw internal("changed the picture's format");
    if (hooks.recon) report_recon(*output, planes, hooks.recon);
    return stream;
}

// Per pixel: block data, motion vectors, half-size pictures of the lookahead
// (7 to 8 bytes). Per sample: source and reconstruction, coefficients (int16),
// and the stream, three times while it is put together (0.3 bytes each).
uint64_t hevc_encoder_memory(int width, int height, int planes, int bit_depth, int threads) {
    const uint64_t pixels = static_cast<uint64_t>(width) * static_cast<uint64_t>(height);
    const uint64_t samples = pixels * static_cast<uint64_t>(planes);
    const uint64_t library = uint64_t{12} << 20, thread = uint64_t{2} << 20;
    return library + thread * static_cast<uint64_t>(threads) + pixels * 8 + samples * (bit_depth > 8 ? 7 : 5);
}

}  // namespace residua::lossy
