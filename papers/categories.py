"""arXiv's categories: https://arxiv.org/category_taxonomy"""

from __future__ import annotations

from typing import Final

# Archive → its classes; an archive without any is a category itself.
CLASSES: Final[dict[str, tuple[str, ...]]] = {
    archive: tuple(classes.split())
    for archive, classes in {
        "astro-ph": "CO EP GA HE IM SR",
        "cond-mat": "dis-nn mes-hall mtrl-sci other quant-gas soft stat-mech str-el supr-con",
        "cs": "AI AR CC CE CG CL CR CV CY DB DC DL DM DS ET FL GL GR GT HC IR IT LG LO MA MM MS NA NE NI "
        "OH OS PF PL RO SC SD SE SI SY",
        "econ": "EM GN TH",
        "eess": "AS IV SP SY",
        "gr-qc": "",
        "hep-ex": "",
        "hep-lat": "",
        "hep-ph": "",
        "hep-th": "",
        "math": "AC AG AP AT CA CO CT CV DG DS FA GM GN GR GT HO IT KT LO MG MP NA NT OA OC PR QA RA RT SG SP ST",
        "math-ph": "",
        "nlin": "AO CD CG PS SI",
        "nucl-ex": "",
        "nucl-th": "",
        "physics": "acc-ph ao-ph app-ph atm-clus atom-ph bio-ph chem-ph class-ph comp-ph data-an ed-ph flu-dyn gen-ph geo-ph "
        "hist-ph ins-det med-ph optics plasm-ph pop-ph soc-ph space-ph",
        "q-bio": "BM CB GN MN NC OT PE QM SC TO",
        "q-fin": "CP EC GN MF PM PR RM ST TR",
        "quant-ph": "",
        "stat": "AP CO ME ML OT TH",
    }.items()
}
_NAMES: Final = {
    name.lower(): name for archive, kinds in CLASSES.items() for name in (archive, *(f"{archive}.{kind}" for kind in kinds))
}


def category_named(text: str) -> str | None:
    """The category as arXiv writes it: "CS.ro" → "cs.RO", and for a whole archive "cs.*" → "cs". None if there is none."""
    return _NAMES.get(text.lower().removesuffix(".*"))


def categories_like(typed: str) -> list[str]:
    """The categories that may be meant while they are typed: "cs.r" and "ro" both have cs.RO; those that begin so come first."""
    begun = typed.lower()
    first = [name for folded, name in _NAMES.items() if folded.startswith(begun)]
    return first + [name for folded, name in _NAMES.items() if folded.partition(".")[2].startswith(begun) and name not in first]
