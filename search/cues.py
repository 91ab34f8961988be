"""What a question is after, beside its words: an amount, a reason, a weak side, the data, where to get it.

Papers say each of these in words of their own, which an asker does not know: whoever asks "how fast is it?" is answered by
"31 FPS". The lists hold what papers in general say, by kind of question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from papers.text import words
from search.analysis import FUNCTION_WORDS, stems_of

_NUMBER = re.compile(r"(?<![\w.,-])[~≈<>+-]?\$?\d[\d,.]*(?:\s?%|[KMBx×]\b|(?!D\b|d\b))")
_IN_WORDS = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|half|third|twice)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"\b(?:on|and|like)\s[A-Z][\w-]*[A-Z\d]")  # "on MusicCaps and GAIA"
_TIMED = re.compile(r"\d\s?(?:ms|s|fps|hz|x|×|times)\b", re.IGNORECASE)
_MONEY = re.compile(r"[$€£]\s?\d")
_BILLIONS = re.compile(r"\b\d+(?:\.\d+)?\s?[BM]\b")
_DEFINED = re.compile(r"\w\sis\san?\s|, (?:an?|the)\s", re.IGNORECASE)
_LINKED = re.compile(r"https?:|\b(?:MIT|Apache|CC)\b")
_BY_DOING = re.compile(r"\bby\s\w+ing\b", re.IGNORECASE)
_MOST_TOLD = 0.4  # each further sign says less by so much
_PLACE = 0.15
_SECTION = 0.7
_AMOUNT, _AMOUNT_IN_WORDS, _COUNTED = 0.75, 0.375, 0.5
_COUNTED_WITHIN = 3  # words after the number


@dataclass(frozen=True, slots=True)
class Cue:
    """Questions with a word of ``asks`` are answered where there are words of ``tells``, or what ``form`` finds.

    "limit*" is any word that begins so, "how_long" two of them. ``section`` are words in the names of the sections of a paper
    where the answer is likely; ``place`` is where in an abstract that is: 0 at its beginning, 1 at its end, None anywhere.
    """

    asks: str
    tells: str
    form: re.Pattern[str] | None = None
    weight: float = 0.6
    section: str = ""
    place: float | None = None

    def worth(self, text: str, section: str, at: float | None) -> float:
        """How much a passage, ``at`` that place of an abstract, says of it: 0 to about 1."""
        told = len(set(_any_of(self.tells).findall(text.lower()))) + bool(self.form and self.form.search(text))
        found = self.weight * (1 - _MOST_TOLD**told)
        if told and at is not None and self.place is not None:
            found -= _PLACE * abs(self.place - at)
        return found + (_SECTION if self.section and _any_of(self.section).search(section.lower()) else 0.0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question is after. ``things`` are the stems of what it may want counted, where it does."""

    cues: tuple[Cue, ...]
    is_amount: bool
    things: frozenset[str]

    def worth(self, text: str, section: str, at: float | None) -> float:
        """How much of that a passage tells, whatever its words; 1 is much."""
        found = sum(cue.worth(text, section, at) for cue in self.cues)
        if self.is_amount:
            found += _AMOUNT if _NUMBER.search(text) else _AMOUNT_IN_WORDS if _IN_WORDS.search(text) else 0.0
        return found + (_COUNTED if self.things and self._is_counted(text) else 0.0)

    def _is_counted(self, text: str) -> bool:
        """Whether a number stands right before one of the things."""
        for number in (*_NUMBER.finditer(text), *_IN_WORDS.finditer(text)):
            after = words(text[number.end() : number.end() + 60])[:_COUNTED_WITHIN]
            if any(stem in self.things for word in after for stem in stems_of(word)):
                return True
        return False


def wanted(question: str) -> Wanted:
    """What the question is after, as far as its words tell."""
    question = question.lower()
    things = (stem for word in words(question) if word not in FUNCTION_WORDS for stem in stems_of(word))
    cues = tuple(cue for cue in CUES if _any_of(cue.asks).search(question))
    is_amount, is_count = (bool(_any_of(told).search(question)) for told in (_AMOUNTS, _COUNTS))
    return Wanted(cues, is_amount, frozenset(things) if is_count else frozenset())


@cache  # made when first asked for: all together take some time at a start
def _any_of(told: str) -> re.Pattern[str]:
    """Finds any of the words in a text in small letters."""
    found = (re.escape(word).replace(r"\*", r"\w*").replace("_", r"[\s-]") for word in told.split())
    return re.compile(rf"\b(?:{'|'.join(found)})\b")  # to ignore case would take twice as long


_AMOUNTS = """
    how_many how_much how_large how_big how_long how_fast how_far how_often how_close how_bad how_good how_well how_small how_high
    how_low how_deep how_strong how_accurate how_successful what_score what_scores what_speed what_size what_accuracy
    what_percentage what_share what_number what_rate what_gain what_cost number_of amount percent* speedup* speed-up* score scores
    cost costs
"""
_COUNTS = "how_many number_of"
CUES = (
    Cue(  # how well it does, and against what
        """
        how_well how_good how_bad how_close how_far how_much_better how_successful result* score scores accura* perform* beat
        beats better best compar* win wins won outperform* improve* gain gains top state-of-the-art sota baseline* worse
        effective* what_happens
        """,
        """
        outperform* surpass* beat beats better best ahead against lead leads leading gain* improve* higher highest points score*
        achiev* accura* success* rank* more_than than match* exceed* above rise* reach* average record*
        """,
        section="experiment* result* evaluation* ablation* comparison*",
        place=0.9,
    ),
    Cue(  # on what it was tried
        """
        which_dataset* which_benchmark* which_task* which_model* which_llm* which_data what_dataset* what_benchmark* what_task*
        what_model* what_llm* dataset* benchmark* test tests tested tried evaluat* experiment*
        """,
        "benchmark* dataset* data_set* corpus corpora evaluat* test tests tested experiment* studied across",
        _NAMED,
        section="experiment* evaluation* setup data* benchmark*",
        place=0.7,
    ),
    Cue(
        """
        fast* speed* quick* slow* latenc* real-time real_time fps frames_per hz throughput delay* wait* how_long time
        """,
        """
        fps hz ms millisecond* second seconds minute* hour hours faster slower speed* latenc* real-time throughput frames_per
        times_faster
        """,
        _TIMED,
    ),
    Cue("memory storage disk space vram ram footprint", "memory storage cache gb mb footprint compress* compact* smaller"),
    Cue(
        """
        comput* hardware gpu* tpu* graphics_card* device* laptop* machine* consumer* run_on runs_on
        """,
        "gpu* tpu* h100* h800* a100* v100* rtx nvidia device* hours flops consumer* hardware phone* cpu*",
        section="implementation setup training",
    ),
    Cue("cost costs price* cheap* expensive money budget pay", "cost* price* cheap* expensive budget* dollar*", _MONEY),
    Cue("how_big how_large how_small parameter* model_size size sizes", "parameter* million* billion*", _BILLIONS),
    Cue(
        "why reason reasons cause causes explain* because",
        """
        because since due_to caus* reason as_it as_they owing stem_from stems_from lead_to leads_to invite* reveal* hence so_that
        explain* suffer* demand*
        """,
        place=0.4,
    ),
    Cue(  # what stood in the way
        """
        problem* issue* wrong motivat* before earlier previous* existing until_now so_far lack* missing gap* challenge* difficult*
        normal* usual*
        """,
        """
        but yet however problem* issue* hard difficult* expensive scarce lack* miss* fail* cannot rarely seldom hardly never
        suffer* too usual* normal* mostly existing previous* earlier so_far until_now neglect* ignore* because stood_in
        bottleneck*
        """,
        section="introduction motivation background related",
        place=0.0,
    ),
    Cue(  # what it cannot do
        """
        limit* weak* drawback* downside* shortcoming* disadvantage* fail* caveat* mistake* error* not_work bad_at struggle* catch
        """,
        """
        limit* fail* weak* however but though only lack* less worse drop* cannot still trade* modest* remain* mistake* error*
        skip* lose* losing misread* poor* hurt* damage* unstable unreliable future
        """,
        section="limit* discussion conclusion* failure* future impact*",
        place=0.9,
    ),
    Cue(  # how it works
        """
        how_does how_do how_did how_is how_are how_can how_was how_were idea* method* approach* technique* trick* work works
        mechanism* architecture* route* design*
        """,
        """
        propose* introduce* present* use uses using via through train* consist* based_on first then instead method* loop* into
        each so_that replace* learn* route* step* phase* which where
        """,
        _BY_DOING,
        weight=0.4,
        section="method* approach* model architecture* framework overview design algorithm*",
        place=0.4,
    ),
    Cue(
        "what_is what_are what_does mean means define* definition*",
        "called named dubbed means meaning termed refers known_as effect that_is i.e",
        _DEFINED,
        weight=0.3,
    ),
    Cue(  # where the data are from
        """
        trained_on trained_from training_data training_set train_on data come_from comes_from collect* label* annotat* gather*
        made_from source*
        """,
        """
        data corpus corpora train* collect* annotat* label* synthe* pair pairs sample* record* draw* derive* reconstruct*
        mine mined mining gather* curat* come_from comes_from from
        """,
        section="data* collection construction annotation",
    ),
    Cue(  # where to get it
        """
        code download* open-source* open_source* releas* github weights available licence* license* share* publish* public demo*
        try_it repo repository link* get_it commercial*
        """,
        "code releas* open open-source* available github weights checkpoint* licence* license* public* demo* share*",
        _LINKED,
        weight=0.9,
        place=1.0,
    ),
    Cue(
        "next future outlook* open_question* follow-up* agenda plan plans",
        "future outlook* agenda next remain* open_problem* direction* toward towards hope* plan*",
        weight=0.9,
        section="future conclusion* discussion outlook*",
        place=1.0,
    ),
    Cue(
        "prove proves proved proven proof* theor* guarantee* mathematic* formal*",
        "prove proves proved provabl* proof* theor* guarantee* bound* converge* formal* lemma* expansion*",
        weight=0.8,
        section="theor* analysis proof*",
    ),
    Cue(
        "input inputs give_it feed need needs require* prompt",
        "from_a from_an from_one from_single given give input* take takes require* need* prompt* single only alone",
        weight=0.5,
    ),
    Cue(
        "language languages multilingual",
        """
        english chinese german french spanish japanese korean arabic hindi russian portuguese malay indonesian italian turkish
        vietnamese swahili multilingual language languages
        """,
    ),
    Cue(  # what comes of it
        "conclu* takeaway* lesson* finding* upshot so_what can_you is_it_possible does_it_help",
        "conclu* suggest* show* find* found prove* turn* indicate* thus overall lesson* reveal* not frequently",
        weight=0.3,
        section="conclusion* discussion",
        place=0.9,
    ),
)


@cache
def asking() -> frozenset[str]:
    """The longer words of questions, spelt right."""
    return frozenset(word for cue in CUES for word in re.findall(r"(?<![\w*-])[a-z]{5,}(?![\w*-])", cue.asks.replace("_", " ")))
