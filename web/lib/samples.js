// Samples as files have them, and pixels as screens take them: 8 bits, RGBA, alpha not multiplied into the colours.

export const COLOURS = { grey: 1, rgb: 2, cmyk: 3 };
export const COLOUR_NAMES = ["", "grey", "rgb", "cmyk"];
const COLOUR_CHANNELS = { grey: 1, rgb: 3, cmyk: 4 };

export function channelsOf(colour, alpha) {
    return COLOUR_CHANNELS[colour] + (alpha ? 1 : 0);
}

/** An array for a picture's samples. */
export function sampleArray(count, bits) {
    return bits > 8 ? new Uint16Array(count) : new Uint8Array(count);
}

// Of each sample, rounded: `bits` to 8.
function stretched(bits, inverted) {
    const white = 2 ** bits - 1;
    const table = new Uint8Array(white + 1);
    for (let i = 0; i <= white; ++i) table[i] = Math.round(((inverted ? white - i : i) * 255) / white);
    return table;
}

/**
 * Writes `pixels` pixels of `samples` as RGBA. Grey becomes RGB; CMYK goes by (1 - C)(1 - K), since no profile is looked
 * at here. `inverted`: 0 is full ink, as in JPEG files of Adobe's programs.
 */
export function toRgba(samples, { colour, alpha, bits }, pixels, rgba, inverted = false) {
    const value = stretched(bits, colour === "cmyk" && inverted);
    const opacity = stretched(bits, false);
    const colours = COLOUR_CHANNELS[colour];
    const step = colours + (alpha ? 1 : 0);
    for (let i = 0, at = 0, out = 0; i < pixels; ++i, at += step, out += 4) {
        if (colours === 1) {
            rgba[out] = rgba[out + 1] = rgba[out + 2] = value[samples[at]];
        } else if (colours === 3) {
            rgba[out] = value[samples[at]];
            rgba[out + 1] = value[samples[at + 1]];
            rgba[out + 2] = value[samples[at + 2]];
        } else {
            const light = 255 - value[samples[at + 3]];
            for (let c = 0; c < 3; ++c)
                rgba[out + c] = Math.round(((255 - value[samples[at + c]]) * light) / 255);
        }
        rgba[out + 3] = alpha ? opacity[samples[at + colours]] : 255;
    }
}

/** What an ImageData holds as samples: RGBA, or RGB where every pixel is opaque. */
export function fromImageData({ width, height, data }) {
    const pixels = width * height;
    let opaque = true;
    for (let i = 3; i < data.length && opaque; i += 4) opaque = data[i] === 255;
    if (!opaque)
        return {
            width,
            height,
            bits: 8,
            colour: "rgb",
            alpha: true,
            data: new Uint8Array(data.buffer, data.byteOffset, pixels * 4),
        };
    const rgb = new Uint8Array(pixels * 3);
    for (let i = 0, at = 0; i < rgb.length; i += 3, at += 4) {
        rgb[i] = data[at];
        rgb[i + 1] = data[at + 1];
        rgb[i + 2] = data[at + 2];
    }
    return { width, height, bits: 8, colour: "rgb", alpha: false, data: rgb };
}
