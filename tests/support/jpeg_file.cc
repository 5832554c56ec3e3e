#include "tests/support/jpeg_file.h"

// clang-format off
#include <cstdio>  // before the library's header, which needs it
#include <jpeglib.h>
// clang-format on

#include <algorithm>
#include <cstdlib>
#include <random>

namespace residua::test {

namespace {

J_COLOR_SPACE space_of(JpegSpace space) {
    switch (space) {
        case JpegSpace::kGrey:
            return JCS_GRAYSCALE;
        case JpegSpace::kYcc:
            return JCS_YCbCr;
        case JpegSpace::kRgb:
            return JCS_RGB;
        case JpegSpace::kCmyk:
            return JCS_CMYK;
        case JpegSpace::kYcck:
            return JCS_YCCK;
    }
    return JCS_UNKNOWN;
}

class Encoder {
  public:
    Encoder(const JpegRecipe& recipe, uint32_t seed) : recipe_(recipe), random_(seed) {
        jpeg_.err = jpeg_std_error(&errors_);
        errors_.emit_message = [](j_common_ptr, int) {};
        jpeg_create_compress(&jpeg_);
    }
    ~Encoder() {
        jpeg_destroy_compress(&jpeg_);
        std::free(data_);
    }
    Encoder(const Encoder&) = delete;
    Encoder& operator=(const Encoder&) = delete;

    std::vector<uint8_t> run() {
        jpeg_mem_dest(&jpeg_, &data_, &size_);
        set_up();
        if (recipe_.wild_coefficients > 0)
            write_coefficients();
        else
            write_rows();
        jpeg_finish_compress(&jpeg_);
        return {data_, data_ + size_};
    }

  private:
    void set_up() {
        jpeg_.image_width = static_cast<JDIMENSION>(recipe_.width);
        jpeg_.image_height = static_cast<JDIMENSION>(recipe_.height);
        jpeg_.in_color_space = space_of(recipe_.space);
        jpeg_.input_components = recipe_.space == JpegSpace::kGrey                                      ? 1
                                 : recipe_.space == JpegSpace::kYcc || recipe_.space == JpegSpace::kRgb ? 3
                                                                                                        : 4;
        jpeg_set_defaults(&jpeg_);
        jpeg_set_colorspace(&jpeg_, jpeg_.in_color_space);
        jpeg_set_quality(&jpeg_, recipe_.quality, TRUE);
        jpeg_.restart_in_rows = recipe_.restart_rows;
        jpeg_.restart_interval = static_cast<unsigned>(recipe_.restart_mcus);
        jpeg_.arith_code = recipe_.arithmetic ? TRUE : FALSE;
        for (size_t i = 0; recipe_.other_conditioning && i < 2; ++i) {
            jpeg_.arith_dc_L[i] = static_cast<UINT8>(1 + i);
            jpeg_.arith_dc_U[i] = 4;
            jpeg_.arith_ac_K[i] = static_cast<UINT8>(i == 0 ? 12 : 1);
        }
        jpeg_.optimize_coding = recipe_.optimised ? TRUE : FALSE;
        for (int k = 0; k < jpeg_.num_components; ++k) {
            const auto at = static_cast<size_t>(k);
            const JpegSampling sampling =
                at < recipe_.sampling.size() ? recipe_.sampling[at] : JpegSampling{};
            jpeg_.comp_info[k].h_samp_factor = sampling.across;
            jpeg_.comp_info[k].v_samp_factor = sampling.down;
            if (at < recipe_.ids.size()) jpeg_.comp_info[k].component_id = recipe_.ids[at];
        }
        set_scans();
        if (recipe_.jfif) jpeg_.write_JFIF_header = *recipe_.jfif ? TRUE : FALSE;
        if (recipe_.adobe_transform) jpeg_.write_Adobe_marker = FALSE;
    }

    void set_scans() {
        if (recipe_.progressive && recipe_.scans.empty()) jpeg_simple_progression(&jpeg_);
        if (recipe_.separate_scans)
            for (int k = 0; k < jpeg_.num_components; ++k) scans_.push_back({1, {k}, 0, 63, 0, 0});
        for (const ProgressiveScan& scan : recipe_.scans) {
            if (scan.first == 0)
                scans_.push_back({jpeg_.num_components, {0, 1, 2, 3}, 0, 0, scan.high, scan.low});
            else
                scans_.push_back({1, {scan.component}, scan.first, scan.last, scan.high, scan.low});
        }
        if (scans_.empty()) return;
        jpeg_.scan_info = scans_.data();
        jpeg_.num_scans = static_cast<int>(scans_.size());
    }

    void write_adobe() {
        if (recipe_.adobe_transform.value_or(-1) < 0) return;
        const JOCTET marker[12] = {'A', 'd', 'o', 'b', 'e', 0,
                                   100, 0,   0,   0,   0,   static_cast<JOCTET>(*recipe_.adobe_transform)};
        jpeg_write_marker(&jpeg_, JPEG_APP0 + 14, marker, sizeof marker);
    }

    // Waves, edges and noise, so that blocks have few and many coefficients.
    void write_rows() {
        jpeg_start_compress(&jpeg_, TRUE);
        write_adobe();
        std::vector<JSAMPLE> row(static_cast<size_t>(recipe_.width * jpeg_.input_components));
        const int slope = static_cast<int>(random_() % 9), edge = static_cast<int>(random_() % 13) + 3;
        for (int y = 0; y < recipe_.height; ++y) {
            for (size_t i = 0; i < row.size(); ++i) {
                const int x = static_cast<int>(i) / jpeg_.input_components;
                const int channel = static_cast<int>(i) % jpeg_.input_components;
                int value = slope * x + (channel + 1) * 3 * y;
                if ((x / edge + y / edge) % 3 == 0) value = 255 * ((x + channel) / edge % 2);
                if (x / 16 % 2 != y / 16 % 2) value += static_cast<int>(random_() % 64);
                row[i] = static_cast<JSAMPLE>(value & 255);
            }
            JSAMPROW pointer = row.data();
            jpeg_write_scanlines(&jpeg_, &pointer, 1);
        }
    }

    void write_coefficients() {
        for (JQUANT_TBL* table : jpeg_.quant_tbl_ptrs) {
            if (!table) continue;
            for (UINT16& step : table->quantval)
                step = static_cast<UINT16>(1 + random_() % static_cast<unsigned>(recipe_.wild_steps));
        }
        int most_across = 1, most_down = 1;
        for (int k = 0; k < jpeg_.num_components; ++k) {
            most_across = std::max(most_across, jpeg_.comp_info[k].h_samp_factor);
            most_down = std::max(most_down, jpeg_.comp_info[k].v_samp_factor);
        }
        for (int k = 0; k < jpeg_.num_components; ++k) {
            const jpeg_component_info& c = jpeg_.comp_info[k];
            const auto blocks = [](int size, int most, int factor) {
                return static_cast<JDIMENSION>((size + 8 * most - 1) / (8 * most) * factor);
            };
            arrays_.push_back(
                jpeg_.mem->request_virt_barray(reinterpret_cast<j_common_ptr>(&jpeg_), JPOOL_IMAGE, TRUE,
                                               blocks(recipe_.width, most_across, c.h_samp_factor),
                                               blocks(recipe_.height, most_down, c.v_samp_factor),
                                               static_cast<JDIMENSION>(c.v_samp_factor)));
        }
        jpeg_write_coefficients(&jpeg_, arrays_.data());
        write_adobe();
        for (int k = 0; k < jpeg_.num_components; ++k)
            fill(arrays_[static_cast<size_t>(k)], jpeg_.comp_info[k]);
    }

    void fill(jvirt_barray_ptr array, const jpeg_component_info& c) {
        for (JDIMENSION row = 0; row < c.height_in_blocks; ++row) {
            JBLOCKARRAY blocks =
                jpeg_.mem->access_virt_barray(reinterpret_cast<j_common_ptr>(&jpeg_), array, row, 1, TRUE);
            for (JDIMENSION column = 0; column < c.width_in_blocks; ++column) {
                // Some blocks have DC alone, or one row of frequencies.
                const unsigned end = random_() % 3 == 0 ? 1 : random_() % 3 == 0 ? 8 : 64;
                for (unsigned i = 0; i < end; ++i) {
                    const int most = recipe_.wild_coefficients;
                    blocks[0][column][i] = static_cast<JCOEF>(
                        static_cast<int>(random_() % static_cast<unsigned>(2 * most + 1)) - most);
                }
            }
        }
    }

    const JpegRecipe& recipe_;
    std::mt19937 random_;
    jpeg_compress_struct jpeg_{};
    jpeg_error_mgr errors_{};
    std::vector<jpeg_scan_info> scans_;
    std::vector<jvirt_barray_ptr> arrays_;  // libjpeg looks at them when it finishes
    unsigned char* data_ = nullptr;
    unsigned long size_ = 0;
};

class Decoder {
  public:
    Decoder() {
        jpeg_.err = jpeg_std_error(&errors_);
        errors_.emit_message = [](j_common_ptr, int) {};
        jpeg_create_decompress(&jpeg_);
    }
    ~Decoder() { jpeg_destroy_decompress(&jpeg_); }
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    void run(const std::vector<uint8_t>& bytes, int scale, JpegPixels& to) {
        jpeg_mem_src(&jpeg_, bytes.data(), bytes.size());
        jpeg_read_header(&jpeg_, TRUE);
        jpeg_.scale_denom = static_cast<unsigned>(scale);
        jpeg_start_decompress(&jpeg_);
        to.width = static_cast<int>(jpeg_.output_width);
        to.height = static_cast<int>(jpeg_.output_height);
        to.channels = jpeg_.output_components;
        const ptrdiff_t row = ptrdiff_t{to.width} * to.channels;
        to.samples.resize(static_cast<size_t>(row * to.height));
        while (jpeg_.output_scanline < jpeg_.output_height) {
            JSAMPROW pointer = to.samples.data() + row * static_cast<ptrdiff_t>(jpeg_.output_scanline);
            jpeg_read_scanlines(&jpeg_, &pointer, 1);
        }
        jpeg_finish_decompress(&jpeg_);
    }

  private:
    jpeg_decompress_struct jpeg_{};
    jpeg_error_mgr errors_{};
};

}  // namespace

std::vector<uint8_t> make_jpeg(const JpegRecipe& recipe, uint32_t seed) {
    return Encoder(recipe, seed).run();
}

JpegPixels decode_jpeg(const std::vector<uint8_t>& bytes, int scale) {
    JpegPixels pixels;
    Decoder().run(bytes, scale, pixels);
    return pixels;
}

}  // namespace residua::test
