"""A language model of the house that words a draft, behind any OpenAI-compatible address.

It is sent sentences of templates and nothing else: no case, no name, no number of a patient, and no text that
a person typed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from hemalum.capabilities.reports.house import Place, Unanswered, is_address, read_key
from hemalum.capabilities.reports.model import Language
from hemalum.kernel.errors import HemalumError, Invalid
from hemalum.runtime.settings import Settings

_TASK = {
    Language.EN: (
        "You word sentences of a pathology report in plain, fluent English. Keep every fact, number, unit "
        "and negation, and their order; add nothing. Answer with a JSON array of as many strings and nothing "
        "else."
    ),
    Language.ZH: (
        "请将病理报告的各句改写得通顺。保留全部事实、数字、单位、否定及其顺序，不得增加任何内容。"
        "只回答一个 JSON 字符串数组，句数不变。"
    ),
}


class WriterFailed(HemalumError):
    """The language model gave no answer that could be used. The sentence says why."""

    status = 502
    code = "writer-failed"


@dataclass(frozen=True)
class Writer:
    """A language model that words sentences. May be used from several threads."""

    place: Place

    @property
    def model(self) -> str:
        """What it is called."""
        return self.place.model

    def reword(self, sentences: Sequence[str], language: Language) -> list[str]:
        """As many sentences as were given, in the model's words. Nothing vouches for what they say.

        Raises:
            WriterFailed: it cannot be reached, refuses, or answers with something else.
        """
        asked = {
            "model": self.model,
            "temperature": 0,
            "messages": [
                {"role": "system", "content": _TASK[language]},
                {"role": "user", "content": json.dumps(list(sentences), ensure_ascii=False)},
            ],
        }
        answer = self._post(asked)
        try:
            text = json.loads(answer)["choices"][0]["message"]["content"]
            found: Any = json.loads(text[text.index("[") : text.rindex("]") + 1])
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError) as error:
            raise WriterFailed("The language model did not answer with sentences.") from error
        if not isinstance(found, list) or len(found) != len(sentences):
            raise WriterFailed("The language model did not answer with sentences.")
        return [str(one) for one in found]

    def _post(self, asked: dict[str, Any]) -> bytes:
        try:
            status, answer = self.place.post("chat/completions", json=asked)
        except Unanswered as error:
            raise WriterFailed("The language model cannot be reached: {cause}.", cause=str(error)) from error
        if status != HTTPStatus.OK:
            raise WriterFailed("The language model answered with status {status}.", status=status)
        return answer


def open_writer(settings: Settings) -> Writer | None:
    """The language model that a node is set up with; None where drafts are worded by templates alone.

    Raises:
        Invalid: the settings name no model, no web address, or a file that cannot be read.
    """
    if not settings.drafting_url:
        return None
    if not is_address(settings.drafting_url) or not settings.drafting_model:
        raise Invalid("The setting drafting_url is a web address, and drafting_model names the model there.")
    key = read_key(settings.drafting_key_file)
    return Writer(Place(settings.drafting_url, settings.drafting_model, key, settings.drafting_timeout_s))
