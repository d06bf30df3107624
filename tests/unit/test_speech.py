"""Speech over its route: what comes along with an answer, what is asked for, and why there is none."""

# ruff: noqa: F401, F811
from __future__ import annotations

import httpx
import pytest

from services.identity import Denied, Identity, Role
from services.speech import Speeches, speakable
from tests.site import until
from tests.unit.test_routes import LONG, World, served, world
from tests.unit.transcripts import body
from tests.upstream import CUT, Answer, Gate, Refusal

MP3 = body("91_tts_text")
OFF = {"text_to_speech": {"enabled": False}}
ON = {"text_to_speech": {"enabled": True, "autoPlay": "disabled"}}


def answered(world: World, *pieces: object, state: str = "complete", **how: object) -> str:
    """Ask, and return the path of the answer's speech once that has ended."""
    world.dify.parameters = ON
    world.dify.next(Answer(*(pieces or ("Hello.",)), **how))
    run = world.ask(world.place(), f"q{len(world.dify.asked)}")
    assert run.done.wait(LONG)
    assert run.turn.state == state
    return f"/speech/{run.conversation.key}/{run.turn.id}"


def test_speech_that_comes_along_is_heard_while_the_answer_is_written(world: World) -> None:
    gate = Gate()
    pieces = [MP3[:5000], MP3[5000:9000], MP3[9000:]]
    said = [lambda f, piece=piece: f.speech(piece) for piece in pieces]
    # After message_end the rest of it follows (recording 50_tts_autoplay_chat).
    tail = (lambda f: f.message_end(), gate, said[2], lambda f: f.speech_end())
    world.dify.next(Answer("Hel", said[0], "lo", said[1], *tail, end=False))
    place = world.place()
    run = world.ask(place)
    until(lambda: run.turn.spoken == "begun")
    path = f"{world.url}/speech/{place.key}/{run.turn.id}"
    with httpx.stream("GET", path, headers=world.headers, timeout=LONG) as response:
        assert response.headers["content-type"] == "audio/mpeg"
        heard, more = b"", response.iter_raw()
        while len(heard) < 9000:
            heard += next(more)
        assert not run.turn.final
        gate.open()
        heard += b"".join(more)
    assert heard == MP3
    assert run.done.wait(LONG)
    assert (run.turn.state, run.turn.spoken) == ("complete", "whole")
    assert world.get(f"/speech/{place.key}/{run.turn.id}").content == MP3
    assert world.dify.spoken == []  # what came along is not asked for again


def test_speech_that_a_chatflow_cut_off_is_asked_for_when_it_is_wanted_again(world: World) -> None:
    """Recording 50_tts_autoplay_flow: no tts_message_end, the bytes end with workflow_finished."""
    world.dify.speech = (MP3,)
    path = answered(world, "Hello.", lambda f: f.speech(MP3[:4000]), flow=True)
    assert world.get(path).content == MP3
    (asked,) = world.dify.spoken
    assert asked["message_id"] == world.dify.messages()[-1]["id"]
    assert "text" not in asked
    assert "voice" not in asked


def test_one_asking_is_enough_for_any_number_of_listeners(world: World) -> None:
    gate = Gate()
    world.dify.speech = (MP3[:8000], gate, MP3[8000:])
    path = answered(world)
    with httpx.stream("GET", world.url + path, headers=world.headers, timeout=LONG) as response:
        assert next(response.iter_raw())
    gate.open()  # the one who left holds nothing up
    assert world.get(path).content == MP3
    named = world.get(f"{path}?download=1")
    assert (named.content, len(world.dify.spoken)) == (MP3, 1)
    assert named.headers["content-disposition"] == 'attachment; filename="answer.mp3"'
    assert world.get(f"{path}?voice=Nova").content == MP3
    assert world.dify.spoken[1]["voice"] == "Nova"


def test_a_stopped_answer_is_spoken_as_text_without_code(world: World) -> None:
    gate = Gate()
    world.dify.parameters, world.dify.speech, world.dify.speech_type = ON, (b"RIFF....",), "audio/wav"
    world.dify.next(Answer("<think>hm</think>Say this.\n```py\nx = 1\n```\nAnd this.", gate))
    place = world.place()
    run = world.ask(place)
    until(lambda: "And this." in run.turn.answer)
    run.stop()
    spoken = world.get(f"/speech/{place.key}/{run.turn.id}")
    assert (spoken.headers["content-type"], spoken.content) == ("audio/wav", b"RIFF....")
    assert {k: world.dify.spoken[0].get(k) for k in ("text", "message_id")} == {
        "text": "Say this.\n\nAnd this.",
        "message_id": None,
    }


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Refusal(200, "null"), "not_audio"),
        (Refusal(204), "not_audio"),
        (Refusal.of(400, "invalid_param", "TTS is not enabled"), "invalid_param"),
        (Refusal(500, "<html>no</html>"), "internal_server_error"),
    ],
    ids=["null", "204", "refused", "500"],
)
def test_where_there_is_no_speech_a_code_says_so_and_the_next_try_is_a_new_one(
    world: World, answer: Refusal, code: str
) -> None:
    path = answered(world)
    world.dify.fail("text-to-audio", answer)
    refused = world.get(path)
    assert refused.status_code == 502
    assert refused.json()["code"] == code
    world.dify.fail("text-to-audio")
    world.dify.speech = (MP3,)
    assert world.get(path).content == MP3


def test_speech_that_breaks_off_has_no_proper_end(world: World) -> None:
    world.dify.speech = (MP3[:8000], CUT)
    path = answered(world)
    with pytest.raises(httpx.RemoteProtocolError):
        world.get(path)
    world.dify.speech = (b"",)
    assert world.get(path).status_code == 502


def test_only_the_owner_hears_it_and_only_where_the_app_speaks(world: World) -> None:
    world.dify.speech = (MP3,)
    path = answered(world)
    assert httpx.get(world.url + path, timeout=LONG).status_code == 403
    stranger = {"cookie": f"console_id={world.site.identities.new_cookie()}"}
    assert httpx.get(world.url + path, headers=stranger, timeout=LONG).status_code == 404
    assert world.get(f"{path}x").status_code == 404
    assert world.get(f"{path}?voice={'x' * 101}").status_code == 400
    app, place = world.site.apps[0], world.place()
    viewer = Identity(world.ada.user, Role.VIEWER)
    with pytest.raises(Denied):
        Speeches().of(viewer, app, place, path.rpartition("/")[2])
    assert world.dify.spoken == []
    world.dify.parameters = OFF
    app._profile = None
    assert world.get(path).json()["code"] == "speech_off"


@pytest.mark.parametrize(
    ("answer", "spoken"),
    [
        ("plain", "plain"),
        ("<think>no</think>yes", "yes"),
        ("a <think>open to the end", "a"),
        ("<details open><summary>t</summary>x</details>b", "b"),
        ("a\n~~~\ncode\n~~~\nb", "a\n\nb"),
        ("a\n```\nopen to the end", "a"),
        ("```\nonly\n```", ""),
        ("inline `x` stays", "inline `x` stays"),
    ],
)
def test_what_is_read_aloud(answer: str, spoken: str) -> None:
    assert speakable(answer) == spoken
