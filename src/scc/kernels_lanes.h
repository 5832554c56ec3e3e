// The kernels, of any instruction set.
#pragma once

#include "scc/kernels.h"
#include "scc/pixel_lanes.h"

namespace residua::scc::RESIDUA_SIMD {

namespace {

using jpeg::RESIDUA_SIMD::RangeReader;
using jpeg::RESIDUA_SIMD::RangeWriter;

// A reader that notes how long bits are.
struct NotingReader : RangeReader {
    static constexpr bool kNotes = true;
    uint32_t (*length)(uint32_t);
    uint32_t* pixel = nullptr;

    NotingReader(jpeg::WordSource& source_in, const Work& work)
        : RangeReader(source_in, work.range, work.value), length(work.length) {}
    int code(uint32_t share, int) {
        const int bit = RangeReader::code(share, 0);
        *pixel += length(16 * (bit ? share : 65536 - share));
        return bit;
    }
};

inline RangeWriter writer_of(jpeg::WordSink& sink, const Work& work) {
    RangeWriter writer(sink);
    writer.low = work.low;
    writer.range = work.range;
    return writer;
}

inline void keep(const RangeWriter& writer, Work& work) {
    work.low = writer.low;
    work.range = writer.range;
}

inline void begin_write(jpeg::WordSink& sink, Work& work) { keep(RangeWriter(sink), work); }

template <int Effort>
void write(jpeg::WordSink& sink, const Tables& tables, Work& work) {
    RangeWriter writer = writer_of(sink, work);
    TileLanes<Effort, RangeWriter>(writer, tables, work).code_rows();
    keep(writer, work);
}

inline void end_write(jpeg::WordSink& sink, Work& work) { writer_of(sink, work).finish(); }

inline void keep(const RangeReader& reader, Work& work) {
    work.range = reader.range;
    work.value = reader.value;
}

inline void begin_read(jpeg::WordSource& source, Work& work) { keep(RangeReader(source), work); }

template <int Effort>
void read(jpeg::WordSource& source, const Tables& tables, Work& work) {
    RangeReader reader(source, work.range, work.value);
    TileLanes<Effort, RangeReader>(reader, tables, work).code_rows();
    keep(reader, work);
}

template <int Effort>
void read_noted(jpeg::WordSource& source, const Tables& tables, Work& work) {
    NotingReader reader(source, work);
    TileLanes<Effort, NotingReader>(reader, tables, work).code_rows();
    keep(reader, work);
}

inline constexpr Kernels kKernels = {
    begin_write,
    {write<0>, write<1>, write<2>, write<3>, write<4>},
    end_write,
    begin_read,
    {read<0>, read<1>, read<2>, read<3>, read<4>},
    {read_noted<0>, read_noted<1>, read_noted<2>, read_noted<3>, read_noted<4>}};

}  // namespace

}  // namespace residua::scc::RESIDUA_SIMD
