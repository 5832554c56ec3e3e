"""All results of a run, and the means made of them."""


class Results:
    """values: {(picture's hash, configuration's name): value of the store}. drawn: {(hash, drawing's name): value}."""

    def __init__(self, pictures, configurations, values, drawn, models):
        self.pictures, self.configurations, self.values, self.drawn = pictures, configurations, values, drawn
        self.models = models
        self.sets = list(dict.fromkeys(picture.set for picture in pictures))

    def value(self, picture, name):
        return self.values[picture.hash, name]

    def bpsp(self, picture, name):
        return picture.bpsp(self.value(picture, name)["bytes"])

    def has(self, *names):
        return all(any(one.name == name for one in self.configurations) for name in names)

    def drawings(self, name):
        """[(picture, value)] of those that have it; pictures that are the same file count once."""
        pictures = {picture.hash: picture for picture in reversed(self.pictures)}
        return [(picture, self.drawn[picture.hash, name]) for picture in self.pictures
                if pictures[picture.hash] is picture and (picture.hash, name) in self.drawn]

    def shown(self):
        """Without the sweep over Q, which only Table 2 and its charts are made of."""
        return [one for one in self.configurations if one.group != "sweep"]

    def sweep(self):
        return [one for one in self.configurations if one.group == "sweep"]

    def of_set(self, name):
        """The pictures of a set; all of them where the name is None."""
        return [picture for picture in self.pictures if name is None or picture.set == name]

    def mean_bpsp(self, name, set_name=None):
        """The mean over pictures, as the papers report it."""
        pictures = self.of_set(set_name)
        return sum(self.bpsp(picture, name) for picture in pictures) / len(pictures)

    def total_bytes(self, name, set_name=None):
        return sum(self.value(picture, name)["bytes"] for picture in self.of_set(set_name))

    def speed(self, name, what):
        """Megapixels per second over all pictures; `what`: encode or decode. None where it was not timed."""
        values = [self.value(picture, name) for picture in self.pictures]
        if any(f"{what}_seconds" not in value for value in values):
            return None
        return sum(picture.pixels for picture in self.pictures) / 1e6 / sum(value[f"{what}_seconds"] for value in values)

    def peak(self, name, what):
        """The largest of all pictures, in bytes; None where it was not measured."""
        values = [self.value(picture, name) for picture in self.pictures]
        return max(value[f"{what}_peak"] for value in values) if all(f"{what}_peak" in value for value in values) else None

    def reference(self):
        """The configuration that the others are compared with: the default, or else the first of ours."""
        ours = [one for one in self.shown() if one.group != "peer"]
        return next((one for one in ours if one.name == "olm-5"), (ours or self.shown())[0])

    def paper_rc(self):
        """RC as the paper codes, with its own network where that is there; None where no such files were made."""
        for name in ("model-rc-paper", "rc-plain"):
            if self.has(name):
                return next(one for one in self.configurations if one.name == name)
        return None


def pareto(points):
    """The names of those that nothing beats in both: points are (name, size, speed); small and fast is better."""
    front, best = [], None
    for name, size, speed in sorted(points, key=lambda point: (-point[2], point[1], point[0])):
        if best is None or size < best:
            front.append(name)
            best = size
    return front
