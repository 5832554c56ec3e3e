// The kernels, of any instruction set.
#pragma once

#include "jpeg/coefficients/band_lanes.h"
#include "jpeg/coefficients/dc_lanes.h"

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

void write_dc(WordSink& sink, const Tables& tables, const DcWork<const int16_t>& work) {
    RangeWriter writer(sink);
    code_dc_band(writer, tables, work);
    writer.finish();
}

void read_dc(WordSource& source, const Tables& tables, const DcWork<int16_t>& work) {
    RangeReader reader(source);
    code_dc_band(reader, tables, work);
}

constexpr Kernels kKernels = {
    {write_ac<0>, write_ac<1>, write_ac<2>}, {read_ac<0>, read_ac<1>, read_ac<2>}, write_dc, read_dc};

}  // namespace

}  // namespace residua::jpeg::RESIDUA_SIMD
