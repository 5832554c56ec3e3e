"""A scan's bytes from its coefficients, MCU by MCU: format-jpeg.md, 3. Codes are Huffman's or arithmetic."""

from jpeg_arithmetic import ArithmeticWriter
from jpeg_huffman import HuffmanWriter
from reader import check


def mcus(frame, scan):
    """Of each MCU its blocks: (part of the scan, row, column)."""
    if len(scan.parts) == 1:
        rows, columns = frame.own_blocks(scan.parts[0][0])
        for y in range(rows):
            for x in range(columns):
                yield [(0, y, x)]
        return
    for y in range(frame.mcus_down):
        for x in range(frame.mcus_across):
            blocks = []
            for part, (number, _, _) in enumerate(scan.parts):
                c = frame.components[number]
                blocks += [(part, y * c.down + i, x * c.across + j) for i in range(c.down) for j in range(c.across)]
            yield blocks


def write(jpeg, scan, components):
    """components: the JPEG's, with their coefficients. Gives the scan's bytes, of the recipe's size."""
    frame, recipe = jpeg.frame, scan.recipe
    writer = (ArithmeticWriter if frame.arithmetic else HuffmanWriter)(frame, scan)
    coefficients = [components[number].c for number, _, _ in scan.parts]
    restarts = number = count = 0
    for mcu, blocks in enumerate(mcus(frame, scan)):
        if recipe.mcus is not None and mcu == recipe.mcus:
            break
        if scan.interval and mcu and mcu % scan.interval == 0 and recipe.restarts != restarts:
            writer.restart(restarts)
            restarts += 1
        for part, row, column in blocks:
            writer.block(number, part, coefficients[part][row, column].tolist())
            number += 1
        count += 1
    check(recipe.mcus in (None, count), "a scan with fewer MCUs than were said")
    check(recipe.restarts in (None, restarts), "a scan with fewer restart markers than were said")
    data = writer.finish(restarts)
    check(len(data) == recipe.size, "a scan of another size")
    return data
