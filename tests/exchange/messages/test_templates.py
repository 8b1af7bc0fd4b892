"""Texts that an organization uses again."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from exchange import errors
from exchange.messages import drafts, templates
from exchange.runtime import Exchange
from roles.permissions import Role
from tests.support.partners import Partner, make_colleague, make_partner

GIVEN = {"title": "Table", "topic": "withholding", "subject": "The table", "body": "zanzibar\r\nbye"}


def titles(exchange: Exchange, partner: Partner, topic: str = "") -> list[str]:
    return [one.title for one in templates.templates(exchange, partner.actor, topic)]


def test_a_template_is_made_used_changed_and_removed(each_exchange: Exchange) -> None:
    state = make_partner(each_exchange, Role.STATE)
    template_id = templates.save(each_exchange, state.actor, GIVEN)
    filled = templates.filled(each_exchange, state.actor, template_id)
    assert filled == {"topic": "withholding", "subject": "The table", "body": "zanzibar\nbye"}
    draft_id = drafts.start(each_exchange, state.actor, filled)
    colleague = make_colleague(state, "second")
    any_topic = GIVEN | {"topic": "", "title": "A table", "subject": ""}
    templates.save(each_exchange, colleague.actor, any_topic, template_id)
    templates.save(each_exchange, state.actor, GIVEN | {"topic": "payment", "title": "b"})
    assert titles(each_exchange, state) == ["A table", "b"]
    assert titles(each_exchange, state, "withholding") == ["A table"]
    assert templates.template(each_exchange, state.actor, template_id).changed_by == colleague.account.name
    assert drafts.draft(each_exchange, state.actor, draft_id).fields["subject"] == "The table"
    templates.remove(each_exchange, state.actor, template_id)
    assert titles(each_exchange, state) == ["b"]


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 81}, "title"),
        ({"topic": "weather"}, "topic"),
        ({"subject": "x" * 151}, "subject"),
        ({"body": ""}, "body"),
        ({"body": "x" * 50_001}, "body"),
    ],
)
def test_what_is_wrong_with_a_template_is_told_by_field(
    exchange: Exchange, state: Partner, changed: dict[str, str], wrong: str
) -> None:
    with pytest.raises(errors.FieldsRefusedError) as refused:
        templates.save(exchange, state.actor, GIVEN | changed)
    assert list(refused.value.problems) == [wrong]
    assert titles(exchange, state) == []


def test_templates_are_an_organizations_own(exchange: Exchange, state: Partner, tribe: Partner) -> None:
    template_id = templates.save(exchange, state.actor, GIVEN)
    assert titles(exchange, tribe) == []
    for missing in (template_id, uuid4()):
        with pytest.raises(errors.RecordNotFoundError):
            templates.filled(exchange, tribe.actor, missing)
        with pytest.raises(errors.RecordNotFoundError):
            templates.save(exchange, tribe.actor, GIVEN, missing)
        with pytest.raises(errors.RecordNotFoundError):
            templates.remove(exchange, tribe.actor, missing)
    assert titles(exchange, state) == ["Table"]


def test_of_a_partner_who_looks_after_it_keeps_its_templates(exchange: Exchange, employer: Partner) -> None:
    owner = make_colleague(employer, "owner", administrator=True)
    with pytest.raises(errors.NotPermittedError):
        templates.save(exchange, employer.actor, GIVEN)
    template_id = templates.save(exchange, owner.actor, GIVEN)
    with pytest.raises(errors.NotPermittedError):
        templates.remove(exchange, employer.actor, template_id)
    assert titles(exchange, employer) == ["Table"]


def test_there_are_only_so_many_templates(
    exchange: Exchange, state: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "MOST", 1)
    templates.save(exchange, state.actor, GIVEN)
    with pytest.raises(errors.NotNowError):
        templates.save(exchange, state.actor, GIVEN)


def test_the_text_of_a_template_is_sealed_to_its_row(exchange: Exchange, state: Partner) -> None:
    templates.save(exchange, state.actor, GIVEN)
    templates.save(exchange, state.actor, GIVEN)
    files = (exchange.settings.home / name for name in ("portal.db", "portal.db-wal"))
    assert not any(b"zanzibar" in file.read_bytes() for file in files if file.exists())
    with exchange.engine.begin() as connection:
        connection.execute(
            text("UPDATE message_template SET sealed = (SELECT max(sealed) FROM message_template)")
        )
    with pytest.raises(errors.CellDamagedError):
        templates.templates(exchange, state.actor)
