#include "stages/coded_planes.h"

namespace residua::codec {

namespace {

// A file has tau for the coded channels only.
std::vector<int8_t> whole_tau(const CodedPlanes& planes) {
    std::vector<int8_t> tau(planes.tau.begin(), planes.tau.end());
    if (!tau.empty())
        tau.resize(static_cast<size_t>(planes.tables->channels) *
                   static_cast<size_t>(planes.tables->components));
    return tau;
}

}  // namespace

entropy::Alphabet coded_alphabet(const container::Header& header) {
    entropy::Alphabet alphabet{};
    for (int c = 0; c < header.coded_channels(); ++c) {
        alphabet.low[c] = header.alphabets[static_cast<size_t>(c)].lowest;
        alphabet.high[c] = header.alphabets[static_cast<size_t>(c)].highest;
    }
    return alphabet;
}

RowCoder::RowCoder(const CodedPlanes& planes)
    : symbols_(static_cast<size_t>(planes.tiling.column_width(0)) * static_cast<size_t>(planes.channels)) {
    if (planes.tables)
        mixture_.emplace(*planes.tables, planes.alphabet, whole_tau(planes), planes.channels);
    else
        uniform_.emplace(planes.alphabet.low[0], planes.alphabet.high[0] - planes.alphabet.low[0] + 1,
                         planes.channels);
}

void RowCoder::intervals(const entropy::RowParameters& parameters, int pixels, entropy::Interval* out) {
    if (mixture_)
        mixture_->intervals(parameters, pixels, symbols(), out);
    else
        uniform_->intervals(pixels, symbols(), out);
}

void RowCoder::decode_row(entropy::RansDecoder& decoder, const entropy::RowParameters& parameters, int pixels,
                          uint32_t* lengths) {
    if (mixture_)
        mixture_->decode_row(decoder, parameters, pixels, symbols(), lengths);
    else
        uniform_->decode_row(decoder, pixels, symbols(), lengths);
}

void RowCoder::draw_row(entropy::RansDecoder& random, const entropy::RowParameters& parameters, int pixels) {
    if (mixture_)
        mixture_->draw_row(random, parameters, pixels, symbols());
    else
        uniform_->decode_row(random, pixels, symbols());  // whose intervals have nothing but their shares
}

void RowCoder::means(const entropy::RowParameters& parameters, int pixels) {
    mixture_->means(parameters, pixels, symbols());
}

std::vector<RowCoder> make_row_coders(const CodedPlanes& planes, int threads) {
    std::vector<RowCoder> coders;
    coders.reserve(static_cast<size_t>(threads));
    for (int i = 0; i < threads; ++i) coders.emplace_back(planes);
    return coders;
}

bool codes_ahead(const CodedPlanes& planes, const Session& session) {
    return planes.adapts() && planes.tiling.columns() < session.threads.size();
}

std::vector<entropy::AdaptiveCoder> make_adaptive_coders(const CodedPlanes& planes, Session& session) {
    std::vector<entropy::AdaptiveCoder> coders;
    if (!planes.adapts()) return coders;
    const std::vector<int8_t> tau = whole_tau(planes);
    for (int column = 0; column < planes.tiling.columns(); ++column)
        coders.emplace_back(*planes.tables, planes.alphabet, tau, planes.channels,
                            planes.tiling.column_width(column), codes_ahead(planes, session),
                            session.allocator);
    return coders;
}

}  // namespace residua::codec
