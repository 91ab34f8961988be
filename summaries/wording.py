"""A sentence of an abstract in fewer words: without what leads in and what only joins it to its neighbours.

Every rule leaves a whole sentence. The only words that come in are "we", where it said "this paper", and "is": "We propose X, a
planner that …" becomes "X is a planner that …".
"""

from __future__ import annotations

import re

from summaries.late import late

SHORTEST = 45  # characters; less is no sentence of a summary


def _either(text: str) -> str:
    """A pattern of words and phrases that stand apart by white space; "\\s" stands for their own."""
    return "|".join(text.split())


_JOINS = _either(
    r"""
    However Moreover Furthermore Additionally Besides Meanwhile Consequently Therefore Thus Hence Accordingly Nevertheless
    Nonetheless Notably Importantly Crucially Specifically Concretely Overall Finally Lastly First Firstly Second Secondly
    Third Thirdly Fourth Next Then Also Instead Further Together Collectively Conversely Similarly Likewise Subsequently
    Ultimately Interestingly Remarkably Surprisingly Unfortunately Indeed Still Yet But And So Here Technically
    Methodologically Empirically Experimentally Taken\stogether
    In\s(?:particular|addition|contrast|summary|short|total|fact|essence|conclusion|turn|practice|general|response|doing\sso|this\s(?:way|regard|light|direction|context|setting|sense|workflow))
    As\s(?:a\sresult|a\sconsequence|such|an\sadditional\scontribution) By\scontrast On\sthe\s(?:other\shand|contrary)
    For\s(?:this\spurpose|this\sreason|example|instance|this|that) To\s(?:this|that)\send To\sdo\s(?:so|this|that) With\sthis
    At\sits\score More\s(?:specifically|importantly|concretely|broadly|precisely|interestingly) Most\s(?:importantly|notably)
    Beyond\s(?:this|that|these) Based\son\s(?:this|these|that) Motivated\sby\s(?:this|these) Even\sso Despite\s(?:this|that)
    At\sthe\ssame\stime In\saddition\sto\s(?:this|that) To\sour\s(?:best\sknowledge|knowledge)
    """
)
_WORK = r"(?:paper|work|study|article|report|technical\sreport|survey|thesis|research|position\spaper|review|letter|note)"
_LED = late(
    rf"""
    \((?:[ivx]+|\d+|[a-z])\)\s
    |(?:{_JOINS}),\s
    |(?:Then|Thus|Yet|But|And|So|Also|Hence)\s(?=we\b|the\b|our\b)
    |In\sthis\s{_WORK},?\s(?=we\b|the\b|our\b|I\b)
    |(?:Here|Herein|Now),?\s(?=we\b)
    |Through\sthis\s{_WORK},\s
    |To\sthe\sbest\sof\sour\sknowledge,\s
    |(?:To|For|In\sorder\sto)\s[^,.;:]{{0,40}}\b(?:this|these|such|those|them|that|both|the\sabove|the\saforementioned)\b
     [^.;:]{{0,120}}?,\s(?=we\b|our\b|this\b)
    |To\s(?:address|tackle|bridge|overcome|mitigate|fill|close|solve|resolve|remedy|alleviate|handle|meet|answer|investigate)\s
     (?:it|this|them|these|that|(?:this|these|such|those|the|both)\s[\w\s-]{{0,60}}),\s
    |(?:Motivated|Inspired|Guided|Driven|Informed|Based|Building|Built|Leveraging|Using|With|Through|From|Given|Following|Armed)
     \s[^,.;:]{{0,20}}\b(?:this|these|those|such|that|our)\b[^,.;:]{{0,80}},\s(?=we\b|our\b|this\b)
    |(?:Motivated|Inspired)\sby\s[^,.;:]{{0,90}},\s(?=we\b)
    """,
    re.VERBOSE,
)
_VERBS = _either(
    """
    introduces presents proposes develops describes explores investigates shows provides offers demonstrates addresses
    examines analyzes analyses argues aims advances builds bridges contributes considers challenges conducts compares
    constructs creates defines designs details establishes evaluates extends fills focuses formalizes formalises formulates
    gives identifies improves makes measures moves opens outlines performs poses proves reconsiders reexamines reframes
    releases reports reveals revisits reviews seeks sheds solves studies surveys synthesizes tackles takes tests traces
    uncovers unifies unveils uses
    """
)
_THIS_WORK = late(
    rf"(?:This|The\spresent|The\scurrent)\s{_WORK}\s(?P<adverb>[a-z]+ly\s)?(?P<verb>{_VERBS})\s",
)
# "This survey provides a view, clarifies terms and identifies …" stays as it is: the second verb goes with its subject.
_GOES_ON = late(rf"(?:,|\b(?:and|but|while|then)) (?:[a-z]+ly )?(?:{_VERBS})\b")
_ADVERB = late(
    r"\b([Ww]e) (?:further|also|then|thus|therefore|hence|first|next|finally|additionally|subsequently|consequently|accordingly"
    r"|furthermore|moreover|instead|now|in turn|in this work|in this paper|here) (?=[a-z]+\b)"
)
_EXPERIMENTS = late(
    r"""
    [Ww]e\s(?:conduct|perform|carry\sout)\s[^.;]{0,120}?\b(?:and|to)\s(?:show|demonstrate|find|verify|confirm)\sthat\s
    |(?:Extensive|Comprehensive|Our|The|Thorough|Empirical|Quantitative|Qualitative|Experimental|Numerical|Rigorous|Systematic
       |Large-scale|Detailed|Further|Additional|Initial|Preliminary|Evaluation|Human|Experiments?|Evaluations?|Results|Analys[ei]s)\b
     [^,.;:]{0,150}?\s(?:results|experiments?|evaluations?|studies|study|analys[ei]s|findings|benchmarks?|experimentation)?\b
     [^.;:]{0,120}?\b(?:show|demonstrate|confirm|reveal|verify|validate|prove|establish)s?\sthat\s
    """,
    re.VERBOSE,
)
_FOUND = late(r"We (?:[a-z]+ly )?(?:show|demonstrate|find|observe|prove|discover|reveal|establish) that (?=\w)")
# What goes on with the verb that would go, "Our work shows that … and suggests …", or with what stood before it.
_HANGS_ON = late(
    r"\b(?:and|while|but) (?:[a-z]+ly )?(?:suggest|demonstrate|show|highlight|provide|offer|establish|reveal|confirm|indicate"
    r"|motivate|underscore|point|propose|introduce|present|release|identify|find)s?\b"
    r"|\brespectively\b|\b(?:this|these|such) (?!paper|work)"
)
_EXAMPLES = late(r"\s\((?:e\.g\.|i\.e\.|see|cf\.|for example|that is|such as)[^()]*\)")
# "We propose MoZoo, a solver that …", "We close this gap with MoZoo, a …": it is one. "We propose MoZoo, which …": it does.
_NAMED = late(
    r"""
    We\s(?:(?:propose|present|introduce|develop|describe|release|build|design|construct|formulate|unveil|deploy)
      |(?:address|close|bridge|fill|tackle)\s(?:this|these|the|that)\s[\w\s-]{2,40}?\s
       (?:with|via|through|by\s(?:introducing|proposing|presenting)))\s
    (?P<name>(?:[A-Zα-ωΑ-Ω]|[a-z]{1,4}[A-Z0-9])[\w.+*-]*
      (?:\s(?:[A-Z0-9][\w.+-]*|of|for|in|and|to|with|the|via|on)){0,8}(?:\s\([\w+. -]{2,70}\))?)
    (?:(?:,|\s?[—–:])\s(?P<is>(?:to\s(?:the\sbest\sof\s)?our\sknowledge,?\s)?
        (?:an?|the\sfirst|the\s(?!key|core|main))\s?(?!key|core|main)|(?:one\sof\s)?the\s\w+est\s)
      |,\swhich\s(?P<does>(?!is\b|are\b|we\b)[a-z]+s\s))
    """,
    re.VERBOSE,
)
# With these something else was done too, which "is" cannot say.
_ALSO_DONE = late(
    r"(?:,|\)) and (?:we|demonstrate|show|evaluate|release|apply|use|find|further|provide|propose|introduce|conduct|validate"
    r"|report|study|design|develop|train|construct|build|[a-z]+ly) |\band (?:we|show|demonstrate|find|validate|release) |; "
    r"|[–—] and |, (?:together with|along with|alongside|as well as|to \w+) "
)
_LEANS = late(
    rf"""
    (?:{_JOINS}),
    |(?:It|Its|They|Their|Them|Those|These|Such|Both|Each|He|She|Another|Doing\sso|This(?!\s(?:\w+\s)?{_WORK}\b)
      |The\s(?:former|latter|second|third|first|other))\b
    |[^.,;]{{0,40}}\b(?:this|these|those)\s(?!{_WORK}\b)
    |[^,.;]{{3,90}},\s(?:it|they|this|these)\s
    |(?:The|Our)\s[\w\s-]{{1,30}}?\salso\s
    """,
    re.VERBOSE,
)
# Verbs that say of their subject what it does; those that are as often nouns ("models", "results", "scores") are left out.
_SAYS = _either(
    """
achieve address adopt allow alleviate argue augment attain avoid become begin bridge bring build capture combine comprise
conclude confirm consist constitute construct contain contribute cover decompose decouple define degrade deliver demonstrate
depend derive detect develop distil distill eliminate emerge emphasize employ enable encode encourage enforce enhance ensure
establish evaluate exceed excel exhibit expose extend extract facilitate fail follow formulate generalize generate guide
handle highlight identify ignore improve incorporate increase indicate induce infer inherit inject integrate introduce
investigate involve keep lack lead learn leverage limit lower maintain make match mitigate move need neglect offer open
operate optimize outperform overcome pair perform pioneer preserve present prevent produce promote propose prove provide
pursue reach reduce reformulate rely remain remove replace represent require resolve reveal reuse scale seek select serve show
simulate solve stem struggle suffer suggest supply surpass sustain synthesize tackle take tend train transfer transform
translate treat undermine unify unlock verify yield
    """
)
IS_CLAUSE = late(
    r"^(?:[Ww]e|I)\s[a-z]+|(?<!that )(?<!which )(?<!who )\b(?:is|are|was|were|has|have|can|cannot|will|does|do"
    rf"|(?:{_SAYS})(?:e?s)?|unifies|identifies|relies)\s"
)
_LOWER_NAME = late(r"[a-z]{1,4}[A-Z0-9]|[α-ω]-")


def is_standalone(sentence: str) -> bool:
    """Whether it is understood without the sentence before: it neither begins with "However" nor points back ("It")."""
    return not _LEANS.match(sentence)


def plain(sentence: str) -> str:
    """The sentence without what leads in and what joins it to others, beginning with a capital."""
    shown = _EXAMPLES.sub("", sentence)
    while (led := _LED.match(shown)) and led.end() < len(shown):
        shown = capitalised(shown[led.end() :])
    if (work := _THIS_WORK.match(shown)) and not _GOES_ON.search(shown, work.end()):
        shown = _we(work) + shown[work.end() :]
    shown = _ADVERB.sub(r"\1 ", capitalised(shown))
    if (named := _NAMED.match(shown)) and " and " not in named["name"] and not _ALSO_DONE.search(shown, named.end()):
        shown = _named(named)
    for shows in (_EXPERIMENTS, _FOUND):
        if found := shows.match(shown):
            rest = capitalised(shown[found.end() :])
            if len(rest) >= SHORTEST and IS_CLAUSE.search(rest) and is_standalone(rest) and not _HANGS_ON.search(rest):
                shown = rest
    return shown


def capitalised(text: str) -> str:
    """With a capital at the start, unless it is a name that has none there ("minWM")."""
    return text if _LOWER_NAME.match(text) else text[:1].upper() + text[1:]


def _we(found: re.Match[str]) -> str:
    verb = found["verb"]
    base = verb[:-3] + "y" if verb.endswith("ies") else verb[:-2] if verb.endswith(("sses", "focuses")) else verb[:-1]
    return f"We {found['adverb'] or ''}{base} "


def _named(found: re.Match[str]) -> str:
    """What has a name is it, or does it."""
    said = found.string[found.start("does" if found["does"] else "is") :]
    verb = "" if found["does"] else " is," if said.startswith("to the best") else " is"
    return f"{found['name']}{verb} {said}"
