// L3C's files, decoded a second time as docs/format-l3c.md
// describes it: whole planes, one symbol after the other.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/test_session.h"
#include "codec/dec_codec.h"
#include "codec/enc_codec.h"
#include "entropy/mixture.h"
#include "entropy/uniform.h"
#include "nn/executor.h"
#include "stages/methods.h"
#include "stages/test_models.h"

namespace residua::codec {
namespace {

struct Planes {
    int width = 0, height = 0, channels = 0;
    std::vector<uint8_t> bytes;

    uint8_t* row(int y) { return bytes.data() + static_cast<ptrdiff_t>(y) * width * channels; }
};

Planes make(int width, int height, int channels) {
    return {width, height, channels, std::vector<uint8_t>(static_cast<size_t>(width * height * channels))};
}

// All outputs of a network, as [output][y][x·c].
struct Outputs {
    std::array<std::vector<std::vector<int16_t>>, 4> mixture;
    Planes features;
};

class Stranger {
  public:
    Stranger(const container::File& file, const models::L3cModel& model)
        : file_(file), header_(file.header), model_(model) {}

    // The picture; or without its own streams, the means of its distributions.
    Planes decode(bool means = false) {
        const int S = header_.scales, multiple = 1 << S;
        const int width = (header_.width + multiple - 1) / multiple * multiple;
        const int height = (header_.height + multiple - 1) / multiple * multiple;
        Planes z = make(width >> S, height >> S, model_.channels);
        const entropy::UniformCoder uniform(-(model_.levels / 2), model_.levels, model_.channels);
        for_each_tile(z, S, 0, [&](entropy::RansDecoder& decoder, int, int, int pixels, int16_t* values) {
            uniform.decode_row(decoder, pixels, values);
        });
        Planes features;
        for (int s = S; s >= 1; --s) {
            const models::L3cScale& scale = model_.scale[static_cast<size_t>(S - s)];
            Outputs outputs = run(scale, z, features);
            Planes finer = s > 1 ? make(width >> (s - 1), height >> (s - 1), model_.channels)
                                 : make(header_.width, header_.height, header_.coded_channels());
            entropy::Alphabet alphabet{};
            for (int c = 0; c < finer.channels; ++c) {
                const auto& own = header_.alphabets[static_cast<size_t>(c % 3)];
                alphabet.low[c] = s > 1 ? -(model_.levels / 2) : own.lowest;
                alphabet.high[c] = s > 1 ? model_.levels - 1 - model_.levels / 2 : own.highest;
            }
            entropy::MixtureCoder mixture(*scale.tables, alphabet, {}, finer.channels, Isa::kScalar);
            const int pitch = scale.tables->channels * scale.tables->components;
            std::vector<std::vector<int16_t>> origins;
            for (int y = 0; y < finer.height && model_.anchored; ++y)
                origins.push_back(origins_of_row(z, s, y, finer.width, finer.channels));
            const auto parameters = [&](int y, int x) {
                const auto at = [&](size_t output, int step) {
                    const auto& rows = outputs.mixture[output];
                    return rows.empty() ? nullptr : rows[static_cast<size_t>(y)].data() + x * step;
                };
                return entropy::RowParameters{
                    at(0, pitch), at(1, pitch), at(2, pitch), at(3, 3 * scale.tables->components),
                    origins.empty() ? nullptr : origins[static_cast<size_t>(y)].data() + x * finer.channels};
            };
            if (s == 1 && means) {
                std::vector<int16_t> values(static_cast<size_t>(finer.width * finer.channels));
                for (int y = 0; y < finer.height; ++y) {
                    mixture.means(parameters(y, 0), finer.width, values.data());
                    store(values, finer, y, 0);
                }
                return finer;
            }
            for_each_tile(finer, s - 1, S - s + 1,
                          [&](entropy::RansDecoder& decoder, int y, int x, int pixels, int16_t* values) {
                              mixture.decode_row(decoder, parameters(y, x), pixels, values);
                          });
            z = std::move(finer);
            features = std::move(outputs.features);
        }
        return z;
    }

  private:
    // 2 of docs/format-l3c.md.
    std::vector<int16_t> origins_of_row(Planes& z, int s, int y, int width, int channels) const {
        const bool colours = s == 1 && model_.kind == models::LatentKind::kLearned;
        std::vector<int16_t> origins;
        for (int x = 0; x < width; ++x) {
            std::vector<int> a;
            for (size_t c = 0; c < 3; ++c) {
                int sum = 0;
                for (const int j : {-1, 0, 1}) {
                    for (const int i : {-1, 0, 1}) {
                        const int column = std::clamp(x / 2 + i, 0, z.width - 1);
                        const int row = std::clamp(y / 2 + j, 0, z.height - 1);
                        const int w_x = i == 0 ? 8 : (x % 2 ? i : -i), w_y = j == 0 ? 8 : (y % 2 ? j : -j);
                        if (static_cast<int>(c) < z.channels)
                            sum += w_x * w_y * (z.row(row)[column * z.channels + static_cast<int>(c)] - 128);
                    }
                }
                const int m = colours ? model_.anchor_steps[c] : 64;
                a.push_back((m * sum + 32) >> 6);
            }
            if (colours) a = {a[0] + a[1], a[0], a[0] + a[2]};
            a.resize(8);
            for (int c = 0; c < channels; ++c)
                origins.push_back(static_cast<int16_t>(std::clamp(a[static_cast<size_t>(c)], -16384, 16384)));
        }
        return origins;
    }

    static void store(const std::vector<int16_t>& values, Planes& planes, int y, int left) {
        for (size_t i = 0; i < values.size(); ++i)
            planes.row(y)[left * planes.channels + static_cast<int>(i)] =
                static_cast<uint8_t>(128 + values[i]);
    }

    // decode_row(stream, y, x, pixels, values), for all rows of all tiles of a stage.
    template <typename DecodeRow>
    void for_each_tile(Planes& planes, int s, size_t stage, const DecodeRow& decode_row) {
        const int tile_width = header_.tile_width >> s, tile_height = header_.tile_height >> s;
        size_t tile = 0;
        for (int top = 0; top < planes.height; top += tile_height) {
            for (int left = 0; left < planes.width; left += tile_width, ++tile) {
                entropy::RansDecoder decoder(file_.streams[stage][tile]);
                const int pixels = std::min(tile_width, planes.width - left);
                std::vector<int16_t> values(static_cast<size_t>(pixels * planes.channels));
                for (int y = top; y < std::min(top + tile_height, planes.height); ++y) {
                    decode_row(decoder, y, left, pixels, values.data());
                    store(values, planes, y, left);
                }
                decoder.finish();
            }
        }
        EXPECT_EQ(tile, file_.streams[stage].size());
    }

    static Outputs run(const models::L3cScale& scale, Planes& z, Planes& features) {
        // Another instruction set than the library takes, and one band for all.
        const nn::Network network(scale.network->graph(), Isa::kScalar);
        Allocator allocator;
        ThreadPool threads(1);
        nn::Executor executor(network, 2 * z.width, 2 * z.height, allocator, threads, 2 * z.height);
        const auto input = [](Planes& planes) {
            return [&planes](int y, uint8_t* row) {
                std::copy_n(planes.row(y), planes.width * planes.channels, row);
            };
        };
        std::vector<nn::Executor::InputRow> inputs = {input(z)};
        if (scale.feature_inputs > 0) inputs.push_back(input(features));
        Outputs outputs;
        if (scale.feature_outputs > 0)
            outputs.features = make(2 * z.width, 2 * z.height, scale.feature_outputs);
        executor.run(inputs, [&](const nn::Executor::OutputRows& rows) {
            for (int y = rows.first_row; y < rows.first_row + rows.row_count; ++y) {
                for (int i = 0; i < static_cast<int>(network.graph().outputs.size()); ++i) {
                    const nn::Output& output = network.graph().outputs[static_cast<size_t>(i)];
                    const int channels = network.type(output.node).channels;
                    if (output.name == "features") {
                        for (int x = 0; x < 2 * z.width; ++x)
                            std::copy_n(rows.bytes(i, y) + x * rows.pixel_bytes(i), channels,
                                        outputs.features.row(y) + x * channels);
                    } else {
                        const char* const names[] = {"mu", "log_sigma", "weight", "lambda"};
                        const auto which =
                            static_cast<size_t>(std::find(names, names + 4, output.name) - names);
                        outputs.mixture.at(which).emplace_back(rows.row(i, y),
                                                               rows.row(i, y) + 2 * z.width * channels);
                    }
                }
            }
        });
        return outputs;
    }

    const container::File& file_;
    const container::Header& header_;
    const models::L3cModel& model_;
};

struct Case {
    models::L3cVariant variant;
    int width, height, channels, scales;
    bool anchored = true;
    int z_channels = 2;
    bool encoder = true;
};

const models::L3cModel& model_in(const models::Registry& models, const models::Registry::Entry& entry) {
    return static_cast<const models::L3cModel&>(models.parsed(entry, method_of(entry)));
}

class L3c : public ::testing::TestWithParam<Case> {};

TEST_P(L3c, AStrangersDecoderFindsThePicture) {
    const Case& test = GetParam();
    TestSession work(2);
    models::Registry models{model_methods()};
    // Feature channels that are no multiple of 4 lie apart in the executor's rows.
    const auto& entry = models.add(models::make_l3c_model(
        {.variant = test.variant,
         .shape = {.channels = 6, .blocks = 1, .components = 3, .z_channels = test.z_channels},
         .scales = test.scales,
         .anchored = test.anchored,
         .encoder = test.encoder,
         .name = "stranger"}));
    const auto pixels = random_bytes(test.width * test.height * test.channels, 6);
    const PictureView x = {pixels.data(), test.width, test.height, test.channels, test.width * test.channels};
    const Buffer<uint8_t> bytes =
        encode_whole({x, {}, "stranger", nullptr, 0, 0, 5, Proof::kFast, Tau::kDefault, Adaptation::kOff},
                     models, work.session, 1);
    const container::File file = parse_file(bytes.span());
    EXPECT_EQ(file.header.scales, test.scales);
    EXPECT_EQ(Stranger(file, model_in(models, entry)).decode().bytes, pixels);
    EXPECT_TRUE(std::ranges::equal(decode(file, models, work.session).samples.span(), pixels));
    EXPECT_TRUE(std::ranges::equal(preview(file, models, work.session).samples.span(),
                                   Stranger(file, model_in(models, entry)).decode(true).bytes));
}

constexpr auto kLearned = models::L3cVariant::kLearned;
INSTANTIATE_TEST_SUITE_P(Variants, L3c,
                         ::testing::Values(Case{kLearned, 33, 18, 3, 3, false, 5},
                                           Case{kLearned, 33, 18, 3, 3, true, 5}, Case{kLearned, 7, 30, 1, 3},
                                           Case{kLearned, 1, 1, 3, 4, true, 1},
                                           Case{kLearned, 50, 23, 3, 4, true, 3, false},
                                           Case{kLearned, 21, 34, 1, 2, true, 3, false},
                                           Case{kLearned, 1050, 17, 3, 1}, Case{kLearned, 20, 1030, 3, 2},
                                           Case{models::L3cVariant::kRgb, 25, 26, 3, 3},
                                           Case{models::L3cVariant::kRgb, 9, 21, 1, 2, false},
                                           Case{models::L3cVariant::kRgbShared, 30, 11, 3, 3, false},
                                           Case{models::L3cVariant::kRgbShared, 12, 40, 1, 3}));

TEST(L3cPreview, NeedsAllStreamsButThePictures) {
    TestSession work(2);
    models::Registry models{model_methods()};
    models.add(models::make_l3c_model({.name = "previewed"}));
    const auto pixels = random_bytes(61 * 40 * 3, 8);
    const Buffer<uint8_t> bytes =
        encode_whole({{pixels.data(), 61, 40, 3, 61 * 3}, {}, "previewed", nullptr, 0, 0, 5, Proof::kFast},
                     models, work.session, 1);
    container::File file = parse_file(bytes.span());
    const Picture seen = preview(file, models, work.session);
    EXPECT_EQ(seen.width, 61);
    EXPECT_EQ(seen.height, 40);
    EXPECT_EQ(seen.channels, 3);
    const std::vector<uint8_t> nothing;
    for (auto& tile : file.streams.back()) tile = nothing;
    EXPECT_TRUE(std::ranges::equal(preview(file, models, work.session).samples.span(), seen.samples.span()));
    EXPECT_THROW(decode(file, models, work.session), Error);
}

}  // namespace
}  // namespace residua::codec
