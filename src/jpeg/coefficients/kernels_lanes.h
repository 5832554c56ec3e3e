// The kernels, of any instruction set.
#pragma once

#include "jpeg/coefficients/band_lanes.h"
#include "jpeg/coefficients/dc_lanes.h"
#include "jpeg/coefficients/light_band.h"
#include "jpeg/coefficients/light_dc.h"

namespace residua::jpeg::RESIDUA_SIMD {

namespace {

template <int Effort>
void write_ac(WordSink& sink, const Tables& tables, const BandWork<const int16_t>& work) {
    RangeWriter writer(sink);
    code_band<kContexts[Effort], kVotes[Effort], kRich[Effort]>(writer, tables, work);
    writer.finish();
}

template <int Effort>
void read_ac(WordSource& source, const Tables& tables, const BandWork<int16_t>& work) {
    RangeReader reader(source);
    code_band<kContexts[Effort], kVotes[Effort], kRich[Effort]>(reader, tables, work);
}

inline void write_dc(WordSink& sink, const Tables& tables, const DcWork<const int16_t>& work) {
    RangeWriter writer(sink);
    code_dc_band<RangeWriter>(
        work, [&](const auto& own) { return DcCoder<RangeWriter>(tables, *own.bank, writer); });
    writer.finish();
}

inline void read_dc(WordSource& source, const Tables& tables, const DcWork<int16_t>& work) {
    RangeReader reader(source);
    code_dc_band<RangeReader>(
        work, [&](const auto& own) { return DcCoder<RangeReader>(tables, *own.bank, reader); });
}

inline void write_light_ac(WordSink* const* sinks, const LightWork<const int16_t>& work) {
    LightWriter writer(sinks);
    code_light_band(writer, work);
    writer.finish();
}

inline void read_light_ac(const WordSource* sources, LightEnd* ends, const LightWork<int16_t>& work) {
    LightReader reader(sources);
    code_light_band(reader, work);
    reader.finish(ends);
}

inline void write_light_dc(WordSink* const* sinks, const DcWork<const int16_t>& work) {
    LightWriter writer(sinks);
    code_dc_band<LightWriter>(work,
                              [&](const auto& own) { return LightDcCoder<LightWriter>(writer, *own.light); });
    writer.finish();
}

inline void read_light_dc(const WordSource* sources, LightEnd* ends, const DcWork<int16_t>& work) {
    LightReader reader(sources);
    code_dc_band<LightReader>(work,
                              [&](const auto& own) { return LightDcCoder<LightReader>(reader, *own.light); });
    reader.finish(ends);
}

inline constexpr Kernels kKernels = {{write_ac<0>, write_ac<1>, write_ac<2>},
                                     {read_ac<0>, read_ac<1>, read_ac<2>},
                                     write_dc,
                                     read_dc,
                                     write_light_ac,
                                     read_light_ac,
                                     write_light_dc,
                                     read_light_dc};

}  // namespace

}  // namespace residua::jpeg::RESIDUA_SIMD
