"""What is compared: the one list of Residua's codecs and modes, and how a caller restricts it."""

import re
from fnmatch import fnmatchcase

from pictures import Failure, run

PLAIN = ("--adaptation", "off")


class Configuration:
    """One way to encode. `name` is for command lines and files, `label` for people.

    group: "ours", "model" (a network of a paper, or one that the caller gave), "sweep" (one Q of Table 2; neither timed
    nor shown elsewhere) or "peer". model: its name where the options say one. peer: the program, of group "peer".
    """

    def __init__(self, name, label, family, options=(), group="ours", model=None, peer=None):
        self.name, self.label, self.family, self.options = name, label, family, tuple(options)
        self.group, self.model, self.peer = group, model, peer

    @property
    def timed(self):
        return self.group != "sweep"

    @property
    def option_text(self):
        return " ".join(self.options)


class Model:
    """A line of `residua models -v`. choices: the Q of its classifier, () where it has none."""

    def __init__(self, name, digest, codec, fields):
        self.name, self.digest, self.codec = name, digest, codec
        match = re.search(r"Q (\d+) to (\d+)", fields.get("q_classifier", ""))
        self.choices = tuple(range(int(match.group(1)), int(match.group(2)) + 1)) if match else ()


def models_of(program, model_files):
    """What the program has, with the caller's files: {name: Model}, in the program's order."""
    text = run([program, "models", "-v", *model_file_options(model_files)]).decode(errors="replace")
    models, fields = {}, {}
    for line in text.splitlines():
        head = re.match(r"(\S+)\s+([0-9a-f]{16})\s+(\w+)\s", line)
        field = re.match(r"\s+(\w+)=(.*)", line)
        if head:
            fields = {}
            models[head.group(1)] = (head.group(2), head.group(3), fields)
        elif field:
            fields[field.group(1)] = field.group(2)
    return {name: Model(name, *rest) for name, rest in models.items()}


def model_file_options(model_files):
    return [word for file in model_files for word in ("--model-file", str(file))]


# Models that the efforts and modes below take by themselves.
USUAL = {"l3c", "olm", "olm-best", "olm-fast", "olm-light", "olm-mid", "rc-coarse", "rc-small"}


def plain_rc(name, label, options, group="ours", model=None):
    """The lines of the RC paper's Table 2: with the Q-classifier and tau, without tau, and with neither."""
    return [Configuration(name, label, "RC", [*options, *PLAIN], group, model),
            Configuration(f"{name}-notau", f"{label}, no tau", "RC", [*options, *PLAIN, "--tau", "off"], group, model),
            Configuration(f"{name}-fixed", f"{label}, one Q, no tau", "RC",
                          [*options, *PLAIN, "--lossy-q", "default", "--tau", "off"], group, model)]


def own(models):
    """Residua's configurations: its codecs with their efforts, and each model that they do not take by themselves."""
    found = [Configuration(f"olm-{effort}", f"OLM, effort {effort}", "OLM", ["--codec", "olm", "--effort", str(effort)])
             for effort in range(1, 10)]
    found += [Configuration("rc", "RC, adapting", "RC", ["--codec", "rc"])]
    found += [Configuration(f"rc-{effort}", f"RC, adapting, effort {effort}", "RC",
                            ["--codec", "rc", "--effort", str(effort)]) for effort in (7, 9)]
    found += [
        *plain_rc("rc-plain", "RC, as the paper codes", ["--codec", "rc"]),
        Configuration("l3c", "L3C, adapting", "L3C", ["--codec", "l3c"]),
        Configuration("l3c-plain", "L3C, as the paper codes", "L3C", ["--codec", "l3c", *PLAIN]),
    ]
    for model in models.values():
        if model.name in USUAL:
            continue
        family = {"rc": "RC", "l3c": "L3C"}.get(model.codec, "OLM")
        options = ["--codec", model.codec, "--model", model.name]
        if model.codec in ("rc", "l3c"):
            if model.choices:
                found += plain_rc(f"model-{model.name}", f"RC, model {model.name}", options, "model", model.name)
            else:
                found.append(Configuration(f"model-{model.name}", f"{family}, model {model.name}", family,
                                           [*options, *PLAIN], "model", model.name))
            found.append(Configuration(f"model-{model.name}-adapting", f"{family}, model {model.name}, adapting", family,
                                       [*options, "--adaptation", "on"], "model", model.name))
        else:
            found.append(Configuration(f"model-{model.name}", f"OLM, model {model.name}", family, options, "model",
                                       model.name))
    return found


def paper_rc(models):
    """The name of the model whose figures are drawn: the paper's own network where it is there."""
    for name in ("rc-paper", "rc-small"):
        if name in models and models[name].codec == "rc":
            return models[name]
    return None


def sweep(model):
    """Every Q that the model's classifier may choose, without tau: the first line of the paper's Table 2."""
    if model is None:
        return []
    return [Configuration(f"q-{q}", f"RC, Q {q}", "RC", ["--codec", "rc", "--model", model.name, *PLAIN, "--lossy-q", str(q),
                                                         "--tau", "off"], "sweep", model.name) for q in model.choices]


def select(configurations, patterns):
    """Those whose names match one of the patterns (as in a shell); all where there is none."""
    if not patterns:
        return configurations
    for pattern in patterns:
        if not any(fnmatchcase(one.name, pattern) for one in configurations):
            names = ", ".join(one.name for one in configurations)
            raise Failure(f"--configurations: nothing is called {pattern} (there are: {names})")
    return [one for one in configurations if any(fnmatchcase(one.name, pattern) for pattern in patterns)]
