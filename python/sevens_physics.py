# SPDX-License-Identifier: BSD-3-Clause
"""Names and lines of a figure: symbols of parameters, titles of experiments and models, and where
the rate of a universal vector mediator vanishes or equals the Standard Model's."""

import math
import re

G_FERMI = 1.1663788e-11  # [MeV^-2] PDG 2022

# Nucleon vector couplings, docs/physics.md section 1. Radiative: proton per flavour e, mu.
_GV = {"radiative": {"e": 0.0382, "mu": 0.0300, "n": -0.5117}}
_GV["tree"] = {"e": 0.5 - 2 * 0.23857, "mu": 0.5 - 2 * 0.23857, "n": -0.5}

# Experiment name prefix -> title, (Z, N, weight) of its nuclei, flavours of its neutrinos.
# Ge, Si, W and Xe: mean N of the natural isotopes.
_PION_DAR, _REACTOR = ("e", "mu", "mu"), ("e",)
_CSI, _AR = ((55, 78, 1), (53, 74, 1)), ((18, 22, 1),)
_GE, _SI, _XE = ((32, 40.71, 1),), ((14, 14.11, 1),), ((54, 77.39, 1),)
_EXPERIMENTS = (
    ("coherent-csi-2021", "COHERENT CsI 2021", _CSI, _PION_DAR),
    ("coherent-csi-2017", "COHERENT CsI 2017", _CSI, _PION_DAR),
    ("coherent-lar-2020", "COHERENT LAr 2020", _AR, _PION_DAR),
    ("coherent-ge-2024", "COHERENT Ge 2024", _GE, _PION_DAR),
    ("dresden2", "Dresden-II", _GE, _REACTOR),
    ("xenonnt", r"XENONnT $^8$B", _XE, ("e", "mu", "mu")),
    ("connie", "CONNIE", _SI, _REACTOR),
    ("conus-plus", "CONUS+", _GE, _REACTOR),
    ("ess-csi", "CsI at the ESS", _CSI, _PION_DAR),
    ("ge-400m", "Ge 400 m from reactors", _GE, _REACTOR),
    ("ge-reactor-10ev", "Ge with 10 eV at a reactor", _GE, _REACTOR),
    ("miner", "MINER", _GE, _REACTOR),
    ("nucleus", r"NUCLEUS CaWO$_4$", ((74, 109.89, 1), (20, 20, 1), (8, 8, 4)), _REACTOR),
    ("nugen", r"$\nu$GeN", _GE, _REACTOR),
    ("ricochet", "Ricochet", _GE, _REACTOR),
    ("sns-ge", "SNS Ge 18 kg", _GE, _PION_DAR),
    ("sns-lar-1t", "SNS LAr 1 t", _AR, _PION_DAR),
    ("sns-nai", "SNS NaI 3.4 t", ((11, 12, 1),), _PION_DAR),
    ("source-51cr", r"$^{51}$Cr source at Si", _SI, ("e",)),
    ("supernova-xe", "supernova in Xe", _XE, ("e", "e", "mu", "mu", "mu", "mu")),
    ("texono", "TEXONO", _GE, _REACTOR),
)
# Options of experiments in words; the default choice has none.
_CHOICES = {
    "coherent-csi-2017": {
        "analysis": {"1d": "", "2d": "energy and time"},
        "smearing": {"none": "", "poisson": "Poisson smearing"},
        "background": {"discrete": "", "continuous": "continuous $b$", "profiled": "profiled $b$"},
        "signal_norm": {"common": "", "per-bin": "norm per bin"},
    },
    "coherent-lar-2020": {"analysis": {"3d": "", "1d": "energy"}},
    "dresden2": {
        "quenching": {"fef": "", "ybe": "YBe quenching", "lindhard": "Lindhard quenching"},
        "flux": {"hmve": "", "hmk": "HMK", "bestiole": "BESTIOLE", "absolute": "absolute flux"},
        "data": {"on": "", "off": "reactor off"},
    },
    "xenonnt-8b": {"flux": {"table": "", "formula": "flux by formula"}},
}
_NO_OPTIONS = ("name", "es", "norm_scale", "folder", "patch")  # keys of every experiment
# What the counts of an experiment are per, and names of its bins where they have names.
_PER = {"dresden2": "day"}
_BIN_NAMES = {("xenonnt-8b", "run"): ("SR0", "SR1", "SR2")}
_BIN_AXES = {"f90": "F90", "cs2": "cS2", "s2_shadow": "S2 shadow", "s1_bdt": "S1 BDT"}
_BIN_AXES["s2_bdt"] = "S2 BDT"

_SYMBOLS = {
    "g_zp": r"g_{Z'}",
    "m_zp": r"m_{Z'}",
    "g_phi": r"g_\phi",
    "m_phi": r"m_\phi",
    "g2_b": r"g_B\, g_\nu",
    "eps": r"\epsilon",  # of dark photons; that of nsi has a quark and flavours
    "lambda": r"\Lambda",
    "s2w": r"\sin^2\theta_W",
    "dm2_41": r"\Delta m^2_{41}",
    "u_e4_2": r"|U_{e4}|^2",
    "u_mu4_2": r"|U_{\mu4}|^2",
    "m4": r"m_4",
    "eta": r"\eta",
    "y_n": r"Y_n",
}
_PATTERNS = (  # name with flavour or nucleus -> symbol
    (r"eps_([ud])_(\w+)", r"\\epsilon^{{{0}V}}_{{{1}}}"),
    (r"r2_(\w+)", r"\\langle r^2_{{\\nu_{{{0}}}}}\\rangle"),
    (r"q_(\w+)", r"q_{{\\nu_{{{0}}}}}"),
    (r"mu_nu_(\w+)", r"\\mu_{{\\nu_{{{0}}}}}"),
    (r"mu_d_(\w+)", r"\\mu_{{d,{0}}}"),
    (r"rn_(\w+)", r"R_n(\\mathrm{{{0}}})"),
)
# What a parameter is in the Standard Model, where it has a value of its own there; couplings,
# moments, charges, transition radii and mixings are 0. rn_csi: mean of rn_cs and rn_i.
_STANDARD = {"s2w": 0.23857, "rn_cs": 5.09, "rn_i": 5.03, "rn_csi": 5.06, "rn_ar": 3.55}
_STANDARD |= {"r2_ee": -0.83, "r2_mumu": -0.48, "r2_tautau": -0.30}
_ZERO = r"(g_zp|g_phi|g2_b|eps|eps_[ud]_\w+|q_\w+|mu_nu_\w+|mu_d_\w+|r2_\w+|u_\w+4_2)"
_NUCLEI = {"csi": "CsI", "cs": "Cs", "i": "I", "ar": "Ar", "ge": "Ge", "xe": "Xe", "na": "Na"}
_NUCLEI["si"] = "Si"
_UNITS = {
    "mu_B": r"$\mu_B$",
    "eV^2": r"eV$^2$",
    "1e-32 cm^2": r"$10^{-32}$ cm$^2$",
    "e": r"$e$",
}
_KINDS = {
    "sm": "Standard Model",
    "nsi": "non-standard interactions",
    "zprime": r"$Z'$",
    "zprime-axial": r"axial $Z'$",
    "scalar": "scalar mediator",
    "tensor": "tensor mediator",
    "magnetic-moment": "magnetic moment",
    "charge-radius": "charge radius",
    "millicharge": "millicharge",
    "sterile": "sterile neutrino",
    "dipole-portal": "dipole portal",
    "lma-dark": "LMA-Dark",
}
_CHARGES = {
    "universal": "universal",
    "baryonic": "baryonic",
    "hidden": "hidden-sector",
    "dark-hypercharge": "dark hypercharge",
    "b-l": r"$B-L$",
    "b-3l_e": r"$B-3L_e$",
    "b-3l_mu": r"$B-3L_\mu$",
    "b-3l_tau": r"$B-3L_\tau$",
    "b-2l_e-l_mu": r"$B-2L_e-L_\mu$",
    "b-l_e-2l_mu": r"$B-L_e-2L_\mu$",
    "b_y+l_mu+l_tau": r"$B_y+L_\mu+L_\tau$",
    "l_e-l_mu": r"$L_e-L_\mu$",
    "l_e-l_tau": r"$L_e-L_\tau$",
    "l_mu-l_tau": r"$L_\mu-L_\tau$",
}
_SCALAR_CHARGES = {
    "quark": "equal couplings to u, d",
    "all-quarks": "equal couplings to quarks",
    "nucleon": "equal couplings to nucleons",
}
_LMA_FLAVOURS = {"e": r"$\nu_e$ couples", "mutau": r"$\nu_\mu$, $\nu_\tau$ couple"}


def plain(text):
    """Text of others, safe in a label: a dollar sign starts no formula."""
    return str(text).replace("$", r"\$")


def _flavours(text):
    parts = re.findall("e|mu|tau", text)
    return "".join(p if p == "e" else rf"\{p}" for p in parts) if "".join(parts) == text else text


def symbol(name):
    """Mathtext of a parameter, "$g_{Z'}$"; the name itself when it has no symbol."""
    base = name.rsplit(".", 1)[-1]
    if base in _SYMBOLS:
        return f"${_SYMBOLS[base]}$"
    for pattern, template in _PATTERNS:
        match = re.fullmatch(pattern, base)
        if match:
            parts = [_NUCLEI.get(p, _flavours(p)) for p in match.groups()]
            return "$" + template.replace("\\\\", "\\").format(*parts) + "$"
    return plain(name)


def unit_text(unit):
    return _UNITS.get(unit, plain(unit))


def axis_label(axis, power=0):
    """Symbol and unit; power: that of ten which the numbers along the axis leave out."""
    unit = "" if axis.unit == "1" else unit_text(axis.unit)
    if power:
        unit = f"$10^{{{power}}}$ {unit}".rstrip()
    return symbol(axis.name) + (f" [{unit}]" if unit else "")


def standard_value(name):
    """Value of a parameter in the Standard Model; None when it has none, such as a mass."""
    base = name.rsplit(".", 1)[-1]
    return _STANDARD.get(base, 0.0 if re.fullmatch(_ZERO, base) else None)


def standard_point(scan_map):
    """Coordinates of the Standard Model in a map, None unless it is one point of it."""
    point = [standard_value(axis.name) for axis in scan_map.axes]
    names = [axis.name for axis in scan_map.axes]
    others = dict(scan_map.scan.get("parameters") or {})
    others |= {name: value for name, (value, _) in scan_map.fixed.items()}
    moved = [
        name
        for name, value in others.items()
        if name not in names and value is not None and standard_value(name) not in (None, value)
    ]
    kinds = [entry["kind"] for entry in _model_entries(scan_map)]
    if None in point or moved or not kinds or "lma-dark" in kinds or scan_map.scan.get("ties"):
        return None
    return point


def _model_entries(scan_map):
    model = scan_map.scan.get("model", [])
    model = model if isinstance(model, list) else [model]
    entries = [m if isinstance(m, dict) else {"kind": m} for m in model]
    return [entry for entry in entries if entry.get("kind")]


def model_title(scan_map):
    entries = [e for e in _model_entries(scan_map) if e["kind"] != "sm"] or _model_entries(scan_map)
    if not entries:
        return plain(scan_map.model)
    words = []
    for entry in entries:
        kind = _KINDS.get(entry["kind"], plain(entry["kind"]))
        charges = entry.get("charges")
        if entry["kind"] == "lma-dark":
            words.append(f"{kind}, {_LMA_FLAVOURS.get(entry.get('flavour'), '')}".rstrip(", "))
        elif charges == "dark-z":
            words.append("dark $Z$")
        elif entry["kind"] in ("scalar", "tensor"):
            charges = _SCALAR_CHARGES.get(charges) if isinstance(charges, str) else None
            words.append(kind + (f", {charges}" if charges else ""))
        else:
            charges = _CHARGES.get(charges, plain(charges)) if isinstance(charges, str) else ""
            words.append(f"{charges} {kind}".strip())
    return " + ".join(words)


def _experiment(name):
    for row in _EXPERIMENTS:
        if name.startswith(row[0]):
            return row
    return None


def _choices(entry):
    """Words for the options of an experiment that are not the defaults."""
    known = _CHOICES.get(entry.get("name"), {})
    words = []
    for key, value in sorted(entry.items()):
        if key in _NO_OPTIONS:
            continue
        words.append(known.get(key, {}).get(str(value), plain(f"{key} {value}")))
    return ", ".join(word for word in words if word)


def _titles(scan_map):
    """Of each experiment, with its options; a collaboration is named once."""
    entries = scan_map.scan.get("experiments") or []
    options = {e["name"]: _choices(e) for e in entries if isinstance(e, dict) and "name" in e}
    titles = []
    for name in scan_map.experiments:
        row = _experiment(name)
        title = row[1] if row else plain(name)
        for source in ("COHERENT ", "SNS "):
            if any(other.startswith(source) for other in titles):
                title = title.removeprefix(source)
        titles.append(title + (f" ({options[name]})" if options.get(name) else ""))
    return titles


def is_projection(scan_map):
    """Whether none of the experiments has data."""
    versions = [release.get("version") for release in scan_map.releases.values()]
    return bool(versions) and all(version == "projection" for version in versions)


def experiment_group(scan_map):
    """Place and title of the group of figures that a map belongs to: its experiment,
    combinations, projections."""
    names, n = scan_map.experiments, len(_EXPERIMENTS)
    if is_projection(scan_map):
        return n + 2, "Projections"
    if len(names) != 1:
        return n + 1, "Combinations"
    row = _experiment(names[0])
    return (_EXPERIMENTS.index(row), row[1]) if row else (n, plain(names[0]))


def experiment_title(scan_map):
    title = " + ".join(_titles(scan_map))
    entries = scan_map.scan.get("experiments") or []
    electrons = {bool(e["es"]) for e in entries if isinstance(e, dict) and "es" in e}
    if len(electrons) == 1:
        title += r", CE$\nu$NS + ES" if electrons.pop() else r", CE$\nu$NS"
    return title + (", projection" if is_projection(scan_map) else "")


def counts_per(experiment):
    """What the counts are per, "day", or None."""
    return _PER.get(experiment)


def bin_axis_name(name):
    return _BIN_AXES.get(name, plain(name.replace("_", " ")))


def bin_names(experiment, axis):
    """Names of the bins along an axis that numbers them, or None."""
    return _BIN_NAMES.get((experiment, axis))


def universal_lines(scan_map):
    """{"zero_rate": g/M, "sm_degenerate": g/M} [1/MeV] of a universal vector mediator at M >> q,
    or None for any other model or an unknown target (docs/physics.md, "Special lines").

    The rate vanishes at g = sqrt(sqrt2 G_F Q0/(3 A)) M and is the Standard Model's again at sqrt2
    times that, with Q0 = |gVp Z + gVn N|; Q0/A is averaged over targets and flavours."""
    entries = _model_entries(scan_map)
    new = [entry for entry in entries if entry["kind"] != "sm"]
    rows = [_experiment(name) for name in scan_map.experiments]
    if len(new) != 1 or new[0]["kind"] != "zprime" or new[0].get("charges") != "universal":
        return None
    if not rows or not all(rows):
        return None
    couplings = [entry.get("couplings", "radiative") for entry in entries if entry["kind"] == "sm"]
    gv = _GV.get(couplings[0] if couplings else "radiative", _GV["radiative"])
    charge = [
        sum(w * abs(gv[flavour] * z + gv["n"] * n) for z, n, w in nuclei)
        / sum(w * (z + n) for z, n, w in nuclei)
        for _, _, nuclei, flavours in rows
        for flavour in flavours
    ]
    norm = 2 if new[0].get("norm") == "strigari" else 1  # that convention halves the amplitude
    zero = math.sqrt(norm * math.sqrt(2) * G_FERMI * sum(charge) / len(charge) / 3)
    return {"zero_rate": zero, "sm_degenerate": math.sqrt(2) * zero}
