"""XXH3-64 of xxHash 0.8, seed 0 (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md)."""

import numpy as np

MASK = 2**64 - 1
SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221"
    "b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb"
    "170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e"
)
PRIME32_1, PRIME32_2, PRIME32_3 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D
PRIME64_1, PRIME64_2, PRIME64_3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
PRIME64_4, PRIME64_5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
PRIME_MX1, PRIME_MX2 = 0x165667919E3779F9, 0x9FB21C651E98DF25
STRIPE, STRIPES_OF_BLOCK = 64, 16


def _u32(data, place):
    return int.from_bytes(data[place : place + 4], "little")


def _u64(data, place):
    return int.from_bytes(data[place : place + 8], "little")


def _fold(a, b):
    product = a * b
    return (product & MASK) ^ (product >> 64)


def _avalanche(h):
    h ^= h >> 37
    h = h * PRIME_MX1 & MASK
    return h ^ h >> 32


def _avalanche64(h):
    h ^= h >> 33
    h = h * PRIME64_2 & MASK
    h ^= h >> 29
    h = h * PRIME64_3 & MASK
    return h ^ h >> 32


def _mix16(data, place, secret):
    return _fold(_u64(data, place) ^ _u64(SECRET, secret), _u64(data, place + 8) ^ _u64(SECRET, secret + 8))


def _short(data):
    n = len(data)
    if n == 0:
        return _avalanche64(_u64(SECRET, 56) ^ _u64(SECRET, 64))
    if n <= 3:
        combined = data[0] << 16 | data[n >> 1] << 24 | data[n - 1] | n << 8
        return _avalanche64(combined ^ _u32(SECRET, 0) ^ _u32(SECRET, 4))
    if n <= 8:
        both = _u32(data, n - 4) | _u32(data, 0) << 32
        h = both ^ _u64(SECRET, 8) ^ _u64(SECRET, 16)
        h ^= ((h << 49 | h >> 15) ^ (h << 24 | h >> 40)) & MASK
        h = h * PRIME_MX2 & MASK
        h ^= (h >> 35) + n
        h = h * PRIME_MX2 & MASK
        return h ^ h >> 28
    low = _u64(data, 0) ^ _u64(SECRET, 24) ^ _u64(SECRET, 32)
    high = _u64(data, n - 8) ^ _u64(SECRET, 40) ^ _u64(SECRET, 48)
    swapped = int.from_bytes(low.to_bytes(8, "little"), "big")
    return _avalanche(n + swapped + high + _fold(low, high) & MASK)


def _middle(data):
    n = len(data)
    h = n * PRIME64_1
    if n <= 128:
        for i in reversed(range((n - 1) // 32 + 1)):
            h += _mix16(data, 16 * i, 32 * i) + _mix16(data, n - 16 * (i + 1), 32 * i + 16)
        return _avalanche(h & MASK)
    for i in range(8):
        h += _mix16(data, 16 * i, 16 * i)
    h = _avalanche(h & MASK)
    for i in range(8, n // 16):
        h += _mix16(data, 16 * i, 16 * (i - 8) + 3)
    return _avalanche(h + _mix16(data, n - 16, 136 - 17) & MASK)


def _accumulate(accumulators, stripes, secret):
    """Adds stripes, (n, 8) numbers, each with the eight numbers of the secret that begin 8 bytes further on."""
    keyed = stripes ^ secret
    products = (keyed & np.uint64(0xFFFFFFFF)) * (keyed >> np.uint64(32))
    accumulators += (
        products.sum(axis=0, dtype=np.uint64) + stripes.sum(axis=0, dtype=np.uint64)[[1, 0, 3, 2, 5, 4, 7, 6]]
    )


def _secret(places):
    return np.array([[_u64(SECRET, place + 8 * i) for i in range(8)] for place in places], np.uint64)


def _long(data):
    n = len(data)
    accumulators = np.array(
        [PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1], np.uint64
    )
    secret, scramble = _secret(range(0, 8 * STRIPES_OF_BLOCK, 8)), _secret([128])[0]
    whole = (n - 1) // STRIPE
    stripes = np.frombuffer(data, "<u8", whole * 8).reshape(whole, 8)
    for begin in range(0, whole, STRIPES_OF_BLOCK):
        block = stripes[begin : begin + STRIPES_OF_BLOCK]
        _accumulate(accumulators, block, secret[: len(block)])
        if len(block) == STRIPES_OF_BLOCK:
            accumulators ^= accumulators >> np.uint64(47)
            accumulators ^= scramble
            accumulators *= np.uint64(PRIME32_1)
    last = np.frombuffer(data[n - STRIPE :], "<u8").reshape(1, 8)
    _accumulate(accumulators, last, _secret([192 - STRIPE - 7]))
    values = [int(a) for a in accumulators]
    h = n * PRIME64_1
    for i in range(4):
        h += _fold(values[2 * i] ^ _u64(SECRET, 11 + 16 * i), values[2 * i + 1] ^ _u64(SECRET, 19 + 16 * i))
    return _avalanche(h & MASK)


def xxh3_64(data):
    data = bytes(data)
    if len(data) <= 16:
        return _short(data)
    return _middle(data) if len(data) <= 240 else _long(data)


def xxh3_32(data):
    return xxh3_64(data) & 0xFFFFFFFF
