"""What a refusal means, in the words that Graph's services use for it."""

from __future__ import annotations

import pytest

from govcheck.catalogue import tables
from govcheck.graph.answers import Page, lacks_licence, refusal
from govcheck.model import Reason
from scripted_graph import refused

CONDITIONAL_ACCESS = tables()["conditional_access_policies"].feeds[0]


def answer(status: int, code: str, message: str) -> Page:
    said = refused(status, code, message)
    return Page(status=said.status, body=said.encoded())


@pytest.mark.parametrize(
    "message",
    ["Your tenant is not licensed for this feature.", "The tenant is Not Licensed For This Feature"],
)
def test_conditional_access_says_in_its_own_words_that_a_licence_is_lacking(message: str) -> None:
    page = answer(403, "AccessDenied", message)
    assert lacks_licence(page)
    fault = refusal(CONDITIONAL_ACCESS, page)
    assert fault.missing.reason is Reason.NOT_LICENSED
    assert "AAD_PREMIUM" in fault.missing.detail.in_lang("en")


def test_the_same_code_with_other_words_is_a_missing_permission() -> None:
    page = answer(403, "AccessDenied", "You cannot perform the requested operation, required scopes are missing.")
    assert refusal(CONDITIONAL_ACCESS, page).missing.reason is Reason.NOT_PERMITTED


def test_words_of_a_licence_in_an_answer_that_is_no_refusal_mean_nothing() -> None:
    assert not lacks_licence(answer(500, "InternalError", "Your tenant is not licensed for this feature."))
