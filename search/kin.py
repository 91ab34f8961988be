"""Words that papers use for each other, and words that papers are full of, whatever they are about."""

from __future__ import annotations

from functools import cache

from search.analysis import stems_of

FIELD_WORDS = frozenset(
    """
    accuracy agent agents algorithm baseline baselines benchmark benchmarks data dataset datasets experiment experiments framework
    generate generated generates generating generation image images information input language learn learning llm llms method
    methods model models performance problem problems quality score scores system systems task tasks test tests text time train
    trained training
    """.split()  # noqa: SIM905
)

# A line each: what any of them says, the others may say, too.
_KIN = """
fast faster fastest speed speedup quick quicker latency throughput
slow slower delay latency
memory storage store stored disk
cost price cheap cheaper expensive
big bigger biggest large larger largest size scale
small smaller smallest compact light tiny
good better best
long longer longest length
human people person user expert participant annotator
repository repo codebase project
picture image photo
sound audio music
voice speech speaker talk
video film frame
fps frame
mistake error failure fault wrong incorrect
cheat exploit hack game
defend defence defense protect safeguard
attack jailbreak adversarial
danger harm unsafe risk
compute gpu tpu hours
author researcher
benchmark dataset suite
dataset data corpus
method approach technique
repair fix restore mend remedy remove
bug issue defect
choose pick select
goal aim purpose objective
compare comparison versus against
beat outperform surpass exceed
judge grader scorer evaluator
grade score rate rating assess
llm language
rl reinforcement
improve gain better boost
finetune tune
robot embodied
control steer guide drive
role part
monitor watch observe oversight
lab company organisation
student pupil learner
teacher distil distill
forget forgetting
remember memory recall
answer reply response
question query
map embedding encoder vector
predict forecast anticipate
find discover detect
create make generate produce write
begin start initial
end finish complete
show demonstrate reveal
help assist aid
hard difficult challenging
easy simple
need require demand
lack missing absent scarce
prove proof proven theorem
reason cause why
earlier previous prior
test evaluate try
chat dialogue conversation
doctor medical clinical diagnosis
car vehicle driving autonomous
phone mobile smartphone
math mathematics mathematical
web website browser internet
word token text
name call term
drop fall decline decrease reduce shrink lower loss lose
rise grow increase raise higher
normal ordinary usual standard common typical
group sort classify categorise cluster
keep retain preserve maintain
stop prevent avoid block
different differ difference distinct unlike
same equal identical
stage step phase
kind type category class
part component module
delete remove
see view look
change vary shift
check verify validate confirm
detail specific
train teach
walk roam explore navigate
share release publish public available open
"""


@cache
def kin() -> dict[str, frozenset[str]]:
    """The stems that may stand for a stem."""
    found: dict[str, set[str]] = {}
    for line in _KIN.strip().splitlines():
        stems = {stem for word in line.split() for stem in stems_of(word)}
        for stem in stems:
            found.setdefault(stem, set()).update(stems - {stem})
    return {stem: frozenset(others) for stem, others in found.items()}
