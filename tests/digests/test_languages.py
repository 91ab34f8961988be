"""The language of a digest: whose it is, and what a change of it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from digests.deliver import Courier
from digests.grow import SPACING_OF_VOTES
from digests.languages import Languages
from papers.language import speaking
from storage.store import Store
from tests.digests.channel import Channel
from tests.digests.conftest import list_papers, subscribe
from tests.digests.test_summaries import a_digest, by_model
from tests.factories import NOW, POLICY, paper, subscription
from views.catalogue import learn_all

MINUTE = timedelta(minutes=1)


def discords(guild_id: int) -> str:
    return {2: "fr", 3: "en-US", 4: "ja"}.get(guild_id, "")


async def test_a_server_s_is_what_it_has_set_or_else_what_discord_says(store: Store) -> None:
    await store.guilds.set_language(1, "de")
    await store.guilds.set_language(3, "fr")
    languages = Languages(store, discords)
    at_once = languages.at_once()
    for guild_id, language in {1: "de", 2: "fr", 3: "fr", 4: "en", 5: "en"}.items():
        order = subscription(guild_id=guild_id, language="it")  # a server's subscription has none of its own
        assert await languages.of(order) == language
        assert await at_once(order) == ("" if guild_id == 5 else language)  # of which Discord has not told
        assert await languages.of_server(guild_id) == language
    await store.guilds.set_language(1, "")
    assert await languages.of_server(1) == "en"


async def test_a_persons_is_theirs_wherever_they_are(store: Store) -> None:
    languages = Languages(store, lambda _: "de")
    at_once = languages.at_once()
    for locale, language in {"fr": "fr", "en-GB": "en", "": "en", "pt-BR": "en"}.items():
        order = subscription(guild_id=0, user_id=7, language=locale)
        assert await languages.of(order) == await at_once(order) == language


def test_another_language_is_another_message_and_english_is_as_it_was() -> None:
    english = a_digest()
    assert replace(english, language="de").fingerprint() != english.fingerprint()
    assert replace(english, language="de").fingerprint() != replace(english, language="fr").fingerprint()
    of_model = replace(english, summaries={english.papers[0].id: by_model()})
    learn_all()
    with speaking("de"):  # who looks speaks another language: the message does not
        assert of_model.fingerprint() == replace(of_model).fingerprint()
        in_german = of_model.fingerprint()
    assert in_german == of_model.fingerprint()


async def test_a_change_is_edited_in_once(store: Store, channel: Channel) -> None:
    await subscribe(store)
    await list_papers(store, paper(1))
    courier = Courier(store, channel, POLICY)
    await courier.deliver_due(NOW)
    await store.guilds.set_language(1, "fr")
    later = NOW + SPACING_OF_VOTES + MINUTE
    assert await courier.grow(later) == 1
    assert await courier.grow(later + SPACING_OF_VOTES + MINUTE) == 0
    assert [digest.language for _, digest in channel.messages] == ["fr"]


async def test_while_discord_has_not_told_of_a_server_its_message_is_left_as_it_is(store: Store, channel: Channel) -> None:
    told = {1: "de"}
    await subscribe(store)
    await list_papers(store, paper(1))
    courier = Courier(store, channel, POLICY, discords=lambda guild_id: told.get(guild_id, ""))
    await courier.deliver_due(NOW)
    told.clear()
    later = NOW + SPACING_OF_VOTES + MINUTE
    assert await courier.grow(later) == 0
    told[1] = "fr"
    assert await courier.grow(later) == 1
    assert [digest.language for _, digest in channel.messages] == ["fr"]
