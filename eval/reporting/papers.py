"""The papers' own figures, to stand beside ours. They are of other pictures and of a GPU (NVidia Titan XP), and their sizes
are cross-entropies.

RC: Mentzer, Van Gool, Tschannen, CVPR 2020. L3C: Mentzer et al., CVPR 2019.
"""

SETS = ["Open Images", "CLIC.mobile", "CLIC.pro", "DIV2K"]
# RC, Table 1.
TABLE_1 = {
    "RC": [2.790, 2.538, 2.933, 3.079],
    "L3C": [2.991, 2.639, 2.944, 3.094],
    "PNG": [4.005, 3.896, 3.997, 4.235],
    "JPEG 2000": [3.055, 2.721, 3.000, 3.127],
    "WebP": [3.047, 2.774, 3.006, 3.176],
    "FLIF": [2.867, 2.492, 2.784, 2.911],
}
# RC, Table 2: (setup, bpsp, share within 1 of the best Q, forward passes), of Open Images and of DIV2K.
TABLE_2 = {
    "Open Images": [("Optimal Q", 2.789, 100.0, "7"), ("Fixed Q = 14", 2.801, 82.6, "1"), ("Q-classifier", 2.794, 94.8, "1"),
                    ("Q-classifier + tau", 2.790, 94.8, "1")],
    "DIV2K": [("Optimal Q", 3.080, 100.0, "7"), ("Fixed Q = 14", 3.096, 73.0, "1"), ("Q-classifier", 3.088, 90.2, "1"),
              ("Q-classifier + tau", 3.079, 90.2, "1")],
}
# Figure 4: the mean share of a file that x_l takes.
LOSSY_SHARE = 42
# RC, 6.2, and L3C's poster, seconds for 512 x 512: (codec, encode or decode, stage, seconds).
RUNTIME = [
    ("RC, paper (GPU)", "decode", "BPG", 0.163),
    ("RC, paper (GPU)", "decode", "network", 0.166),
    ("RC, paper (GPU)", "decode", "entropy coder", 0.0891),
    ("RC, paper (GPU)", "encode", "Q-classifier", 0.00648),
    ("RC, paper (GPU)", "encode", "tau", 0.0352),
    ("L3C, paper (GPU)", "encode", "whole", 0.242),
    ("L3C, paper (GPU)", "decode", "whole", 0.374),
    ("FLIF, L3C's paper", "encode", "whole", 1.72),
    ("FLIF, L3C's paper", "decode", "whole", 0.133),
    ("WebP, L3C's paper", "encode", "whole", 0.157),
    ("WebP, L3C's paper", "decode", "whole", 0.0712),
]
STAGES = {"bpg": "BPG", "network": "network", "entropy": "entropy coder", "q_classifier": "Q-classifier", "tau": "tau",
          "whole": "whole"}
